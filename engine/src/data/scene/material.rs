//! What things are made of: their colour and light for cameras, their temperature and emissivity for the thermal sensor.

use super::arithmetic::{lattice, mix, noise2, noise3, smooth};
use super::vector::{Vec3, v};
use super::weather::Weather;

/// The look of a house wall.
#[derive(Clone, Copy, Debug)]
pub struct Facade {
    /// Linear colour of the wall.
    pub wall: Vec3,
    /// Linear colour of frames, ledges and the ground floor.
    pub trim: Vec3,
    /// Linear colour of the roof.
    pub roof: Vec3,
    /// Metres between windows.
    pub bay: f32,
    /// Metres between floors.
    pub storey: f32,
    /// Share of a bay and of a storey that glass takes.
    pub window: (f32, f32),
    /// Shops with large windows and coloured signs on the ground floor.
    pub shop: Option<Vec3>,
    /// Visible courses of brick.
    pub brick: bool,
    /// Share of windows lit at night.
    pub lit: f32,
    /// Where the roof begins.
    pub eaves: f32,
    /// Kelvin above the air: how well it is heated and how badly insulated.
    pub warmth: f32,
    /// Noise salt.
    pub salt: u32,
}

/// The size and state of a car.
#[derive(Clone, Copy, Debug)]
pub struct CarPaint {
    /// Linear colour.
    pub colour: Vec3,
    /// Half length, metres.
    pub half_length: f32,
    /// Half width, metres.
    pub half_width: f32,
    /// Height of the belt line.
    pub belt: f32,
    /// z of both axles.
    pub axles: (f32, f32),
    /// Wheel radius.
    pub wheel: f32,
    /// Whether the engine runs: hot bonnet and tyres, lamps lit at night.
    pub running: bool,
}

/// What a part is made of.
#[derive(Clone, Copy, Debug)]
pub enum Skin {
    /// One colour; shine and kelvin above the air.
    Plain { albedo: Vec3, gloss: f32, warmth: f32 },
    /// A metal whose temperature is that of what stands around it.
    Metal { albedo: Vec3 },
    /// House walls with windows.
    House(Facade),
    /// Foliage.
    Leaves { albedo: Vec3, gaps: f32, salt: u32 },
    /// The body of a car, below the windows.
    Body(CarPaint),
    /// Windows and roof of a car.
    Cabin(CarPaint),
    /// A car's wheel.
    Tyre { running: bool, radius: f32 },
    /// A bicycle's wheel between hub and tyre.
    Spokes,
    /// Clothes.
    Cloth { albedo: Vec3, warmth: f32 },
    /// A head: skin below and before, hair above and behind; `middle` is its centre.
    Head { skin: Vec3, hair: Vec3, middle: Vec3 },
    /// Bare hands and legs.
    Bare { skin: Vec3 },
    /// A sign plate: face, rim, symbol; seen from x > 0 in front.
    Sign { face: Vec3, rim: Vec3, symbol: u32, radius: f32, centre: Vec3 },
    /// An orange cone with white bands, of this height.
    Cone { height: f32 },
    /// Something that shines at night; its colour by day.
    Glow { colour: Vec3, off: Vec3, always: bool },
}

/// How a point looks to a camera.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Linear reflectance.
    pub albedo: Vec3,
    /// Light of its own.
    pub emission: Vec3,
    /// Mirror-like share at right angles.
    pub gloss: f32,
}

/// How a point looks to a thermal sensor.
#[derive(Clone, Copy, Debug)]
pub struct Heat {
    /// °C.
    pub celsius: f32,
    /// Emissivity; the rest is reflected surroundings.
    pub emissivity: f32,
    /// How strongly sunlight warms it.
    pub absorption: f32,
}

fn matt(albedo: Vec3) -> Look {
    Look { albedo, emission: Vec3::default(), gloss: 0.0 }
}

impl Skin {
    /// Whether it throws a shadow worth casting.
    pub fn casts_shadow(&self) -> bool {
        !matches!(self, Self::Spokes | Self::Glow { .. })
    }

    /// Colour at the local point `p` with local normal `n`.
    pub fn look(&self, p: Vec3, n: Vec3, weather: &Weather) -> Look {
        match *self {
            Self::Plain { albedo, gloss, .. } => Look { gloss, ..matt(albedo) },
            Self::Metal { albedo } => Look { gloss: 0.04, ..matt(albedo) },
            Self::House(ref facade) => house_look(facade, p, n, weather),
            Self::Leaves { albedo, salt, .. } => {
                let clump = noise3(p.x * 1.7, p.y * 1.7, p.z * 1.7, salt ^ 0x0b);
                let leaf = noise3(p.x * 6.0, p.y * 6.0, p.z * 6.0, salt ^ 0x0c);
                matt(albedo * (0.45 + 0.65 * clump + 0.55 * (leaf - 0.3)))
            }
            Self::Body(ref car) => body_look(car, p, n, weather),
            Self::Cabin(ref car) => cabin_look(car, p, n),
            Self::Tyre { radius, .. } => {
                let square = (p.y - radius) * (p.y - radius);
                let hub = n.x.abs() > 0.5 && square + hub_offset(p.z) < radius * radius * 0.4;
                Look { gloss: if hub { 0.1 } else { 0.0 }, ..matt(Vec3::all(if hub { 0.28 } else { 0.022 })) }
            }
            Self::Spokes => matt(Vec3::all(0.12)),
            Self::Cloth { albedo, .. } => matt(albedo * (0.8 + 0.4 * noise3(p.x * 9.0, p.y * 5.0, p.z * 9.0, 17))),
            Self::Head { skin, hair, middle } => {
                let face = p.y < middle.y + 0.045 && p.z > middle.z - 0.03;
                matt(if face { skin } else { hair })
            }
            Self::Bare { skin } => matt(skin),
            Self::Sign { face, rim, symbol, radius, centre } => sign_look(face, rim, symbol, radius, p - centre, n),
            Self::Cone { height } => {
                let level = p.y / height;
                let white = (0.42..0.62).contains(&level) || (0.76..0.88).contains(&level);
                matt(if white { Vec3::all(0.82) } else { v(0.90, 0.15, 0.02) })
            }
            Self::Glow { colour, off, always } => {
                let emission = if weather.night || always { colour } else { Vec3::default() };
                Look { albedo: off, emission, gloss: 0.0 }
            }
        }
    }

    /// Temperature at the local point `p` with local normal `n`, before the sun's share.
    pub fn heat(&self, p: Vec3, n: Vec3, weather: &Weather) -> Heat {
        let air = weather.air;
        let plain = |celsius: f32| Heat { celsius, emissivity: 0.95, absorption: 0.0 };
        match *self {
            Self::Plain { warmth, .. } => Heat { absorption: 0.4, ..plain(air + warmth) },
            Self::Metal { .. } | Self::Spokes | Self::Sign { .. } | Self::Cone { .. } => plain(surroundings(weather)),
            Self::Glow { .. } => plain(surroundings(weather) + if weather.night { 1.0 } else { 0.0 }),
            Self::House(ref facade) => house_heat(facade, p, n, weather),
            Self::Leaves { salt, .. } => {
                let clump = noise3(p.x * 1.7, p.y * 1.7, p.z * 1.7, salt ^ 0x0b);
                Heat { absorption: 0.12, ..plain(air - 0.6 + 1.2 * clump) }
            }
            Self::Body(ref car) => body_heat(car, p, n, weather),
            Self::Cabin(ref car) => {
                let glass = is_car_glass(car, p, n);
                let warmth = if car.running { 3.0 } else { 0.0 };
                Heat {
                    celsius: air + warmth,
                    emissivity: if glass { 0.86 } else { 0.92 },
                    absorption: if glass { 0.15 } else { 0.55 },
                }
            }
            Self::Tyre { running, .. } => {
                Heat { absorption: 0.3, ..plain(if running { air + 13.0 } else { surroundings(weather) }) }
            }
            Self::Cloth { warmth, .. } => {
                let folds = noise3(p.x * 7.0, p.y * 7.0, p.z * 7.0, 23) - 0.5;
                Heat { absorption: 0.15, ..plain(mix(air, 31.5, warmth) + 2.4 * folds) }
            }
            Self::Head { middle, .. } => {
                let face = p.y < middle.y + 0.045 && p.z > middle.z - 0.03;
                plain(if face { 33.5 } else { mix(air, 32.0, 0.62) })
            }
            Self::Bare { .. } => plain(mix(air, 33.5, 0.85)),
        }
    }
}

/// The temperature of thin unheated things: that of the ground and walls around them.
fn surroundings(weather: &Weather) -> f32 {
    weather.air + weather.ground * 0.6 + weather.solar * 0.3
}

/// Distance² of `z` to the nearer axle; both axles lie between 1.1 and 1.6 m from the middle.
fn hub_offset(z: f32) -> f32 {
    let beside = z.abs() - 1.32;
    beside * beside
}

/// What a window-covered wall shows at one point.
enum Wall {
    Roof,
    Plain,
    Trim,
    Glass { room: u32, high: f32 },
    ShopGlass { room: u32 },
    ShopSign,
}

fn wall_at(facade: &Facade, p: Vec3, n: Vec3) -> Wall {
    if n.y > 0.3 || p.y > facade.eaves + 0.02 {
        return Wall::Roof;
    }
    let side = if n.x.abs() > n.z.abs() { p.z } else { p.x + 3.3 } + 400.0;
    let column = (side / facade.bay).floor();
    let a = side / facade.bay - column;
    let first = if facade.shop.is_some() { 3.7 } else { 0.4 };
    if p.y > facade.eaves - 0.35 {
        return Wall::Trim;
    }
    let room = |level: i32| (lattice(column as i32, level, 0, facade.salt) * 65_536.0) as u32;
    if p.y < first {
        if facade.shop.is_none() {
            return Wall::Trim;
        }
        let shop = (side / (facade.bay * 2.0)).floor();
        let b = side / (facade.bay * 2.0) - shop;
        let room = (lattice(shop as i32, 900, 0, facade.salt) * 65_536.0) as u32;
        return if p.y > 2.75 && p.y < 3.45 && b > 0.06 && b < 0.94 {
            Wall::ShopSign
        } else if p.y > 0.45 && p.y < 2.6 && b > 0.08 && b < 0.92 && (b - 0.62).abs() > 0.02 {
            Wall::ShopGlass { room }
        } else {
            Wall::Trim
        };
    }
    let level = ((p.y - first) / facade.storey).floor();
    let b = (p.y - first) / facade.storey - level;
    let (wide, high) = facade.window;
    let (da, db) = ((a - 0.5).abs() - wide * 0.5, (b - 0.52).abs() - high * 0.5);
    if da < 0.0 && db < 0.0 && (level + 1.0) * facade.storey + first < facade.eaves {
        let bar = (a - 0.5).abs() < 0.018 || da > -0.025 || db > -0.03;
        return if bar { Wall::Trim } else { Wall::Glass { room: room(level as i32), high: b } };
    }
    if db > 0.0 && db < 0.05 && da < 0.03 && b < 0.5 {
        return Wall::Trim;
    }
    Wall::Plain
}

fn lit_colour(room: u32) -> Vec3 {
    match room % 5 {
        0 => v(0.17, 0.15, 0.12),
        1 => v(0.10, 0.12, 0.15),
        _ => v(0.20, 0.135, 0.06),
    }
}

fn house_look(facade: &Facade, p: Vec3, n: Vec3, weather: &Weather) -> Look {
    let stain = noise2(p.y * 0.5 + p.z * 0.13, (p.x + p.z) * 0.4, facade.salt);
    match wall_at(facade, p, n) {
        Wall::Roof => {
            let rows = if (p.y * 3.0 + 90.0) % 1.0 < 0.3 && n.y < 0.95 { 0.82 } else { 1.0 };
            matt(facade.roof * (0.85 + 0.3 * stain) * rows)
        }
        Wall::Plain => {
            let mut tone = 0.86 + 0.26 * stain;
            if facade.brick {
                let row = (p.y / 0.22).floor();
                let brick = ((p.x + p.z + row * 0.3) / 0.6).floor();
                tone *= 0.82 + 0.32 * lattice(brick as i32, row as i32, 8, facade.salt);
            }
            matt(facade.wall * tone)
        }
        Wall::Trim => matt(facade.trim),
        Wall::Glass { room, high } => {
            let curtain = room % 3 == 0 && high > 0.4;
            let albedo = if curtain { Vec3::all(0.42) } else { v(0.035, 0.045, 0.055) };
            let lit = weather.night && (room as f32) < facade.lit * 65_536.0;
            let emission = if lit { lit_colour(room / 7) * if curtain { 0.6 } else { 1.0 } } else { Vec3::default() };
            Look { albedo, emission, gloss: 0.5 }
        }
        Wall::ShopGlass { room } => {
            let lit = weather.night && room % 10 < 6;
            let goods = noise2(p.y * 2.4, (p.x + p.z) * 1.6, facade.salt ^ 0x15);
            let emission = if lit { lit_colour(room / 7) * (0.4 + 1.2 * goods) } else { Vec3::default() };
            Look { albedo: Vec3::all(0.03 + 0.12 * goods * goods), emission, gloss: 0.4 }
        }
        Wall::ShopSign => {
            let colour = facade.shop.unwrap_or_default();
            let letters =
                (p.y - 3.1).abs() < 0.17 && lattice(((p.x + p.z) * 3.2).floor() as i32, 0, 5, facade.salt) > 0.45;
            let albedo = if letters { Vec3::all(0.8) } else { colour };
            let glows = weather.night && !facade.salt.is_multiple_of(3);
            Look { albedo, emission: if glows { albedo * 0.12 } else { Vec3::default() }, gloss: 0.03 }
        }
    }
}

fn house_heat(facade: &Facade, p: Vec3, n: Vec3, weather: &Weather) -> Heat {
    let base = weather.air + facade.warmth;
    match wall_at(facade, p, n) {
        Wall::Roof => Heat { celsius: weather.air - 1.0, emissivity: 0.92, absorption: 0.8 },
        Wall::Glass { room, .. } => {
            let heated = if (room as f32) < facade.lit * 65_536.0 { 2.4 } else { 0.6 };
            Heat { celsius: base + heated, emissivity: 0.87, absorption: 0.1 }
        }
        Wall::ShopGlass { .. } => Heat { celsius: base + 2.2, emissivity: 0.87, absorption: 0.1 },
        Wall::Plain | Wall::Trim | Wall::ShopSign => {
            let damp = noise2(p.y * 0.4, (p.x + p.z) * 0.3, facade.salt ^ 0x1f) - 0.5;
            Heat { celsius: base + 1.2 * damp, emissivity: 0.94, absorption: 0.55 }
        }
    }
}

fn body_look(car: &CarPaint, p: Vec3, n: Vec3, weather: &Weather) -> Look {
    let near_axle = |axle: f32| {
        let (y, z) = (p.y - car.wheel, p.z - axle);
        y * y + z * z < (car.wheel + 0.07) * (car.wheel + 0.07)
    };
    if n.x.abs() > 0.6 && (near_axle(car.axles.0) || near_axle(car.axles.1)) || p.y < 0.32 {
        return matt(Vec3::all(0.015));
    }
    let lamp_height = (0.54..0.74).contains(&p.y) && p.x.abs() > car.half_width * 0.58;
    if n.z > 0.5 {
        if lamp_height {
            let lit = weather.night && car.running;
            let emission = if lit { v(9.0, 8.6, 7.6) } else { Vec3::default() };
            return Look { albedo: Vec3::all(0.75), emission, gloss: 0.3 };
        }
        if p.x.abs() < car.half_width * 0.5 && (0.42..0.70).contains(&p.y) {
            let plate = p.x.abs() < 0.26 && p.y < 0.54;
            return matt(Vec3::all(if plate { 0.65 } else { 0.03 }));
        }
    }
    if n.z < -0.5 {
        if (0.62..0.88).contains(&p.y) && p.x.abs() > car.half_width * 0.66 {
            let lit = weather.night && car.running;
            let emission = if lit { v(0.9, 0.03, 0.02) } else { Vec3::default() };
            return Look { albedo: v(0.42, 0.015, 0.015), emission, gloss: 0.1 };
        }
        if p.x.abs() < 0.26 && (0.5..0.62).contains(&p.y) {
            return matt(v(0.7, 0.66, 0.4));
        }
        if p.y < 0.46 {
            return matt(Vec3::all(0.04));
        }
    }
    let seam = n.x.abs() > 0.6 && ((p.z - 0.75).abs() < 0.02 || (p.z + 0.3).abs() < 0.02 || (p.z + 1.1).abs() < 0.02);
    let sill = if n.x.abs() > 0.6 && p.y < 0.42 { 0.5 } else { 1.0 };
    Look { gloss: 0.16, ..matt(car.colour * if seam { 0.45 } else { sill }) }
}

/// Whether a point of the cabin is a window, not a pillar or the roof.
fn is_car_glass(car: &CarPaint, p: Vec3, n: Vec3) -> bool {
    if n.y > 0.85 || p.y < car.belt + 0.04 {
        return false;
    }
    if n.x.abs() > 0.6 {
        return (p.z + 0.32).abs() > 0.05 && (p.z - 0.9).abs() > 0.03;
    }
    p.x.abs() < car.half_width * 0.86
}

fn cabin_look(car: &CarPaint, p: Vec3, n: Vec3) -> Look {
    if is_car_glass(car, p, n) {
        return Look { gloss: 0.45, ..matt(v(0.022, 0.026, 0.03)) };
    }
    Look { gloss: 0.16, ..matt(car.colour) }
}

fn body_heat(car: &CarPaint, p: Vec3, n: Vec3, weather: &Weather) -> Heat {
    let front = p.z / car.half_length;
    if !car.running {
        let celsius = if p.y < 0.6 { mix(weather.air, surroundings(weather), 0.7) } else { weather.air - 0.4 };
        return Heat { celsius, emissivity: 0.9, absorption: 0.5 };
    }
    let engine = smooth(0.15, 0.75, front) * 17.0;
    let grille = if n.z > 0.5 && p.y < 0.75 { 9.0 } else { 0.0 };
    let exhaust = if n.z < -0.5 && p.y < 0.5 { 14.0 } else { 0.0 };
    let arch = [car.axles.0, car.axles.1].map(|axle| smooth(0.75, 0.3, (p.z - axle).abs()) * smooth(0.9, 0.5, p.y));
    let celsius = weather.air + 3.5 + engine + grille + exhaust + 5.0 * (arch[0] + arch[1]);
    Heat { celsius, emissivity: 0.93, absorption: 0.4 }
}

fn sign_look(face: Vec3, rim: Vec3, symbol: u32, radius: f32, p: Vec3, n: Vec3) -> Look {
    if n.x < 0.5 {
        return matt(Vec3::all(0.3));
    }
    let (a, b) = (p.z / radius, p.y / radius);
    let round = a * a + b * b;
    let dark = v(0.03, 0.03, 0.035);
    let painted = match symbol {
        // Speed limit: two digits.
        0 if round > 0.62 => rim,
        0 if b.abs() < 0.38 && (a.abs() - 0.3).abs() < 0.16 => dark,
        // No entry: a bar.
        1 if b.abs() < 0.18 && a.abs() < 0.7 => rim,
        // An arrow.
        2 if (a.abs() < 0.14 && b < 0.3 && b > -0.65) || (b > 0.1 && b < 0.7 && a.abs() < 0.7 - b) => rim,
        // A warning triangle: rim by height over the edges.
        3 if b < -0.28 || a.abs() > (0.72 - b) * 0.42 => rim,
        3 if a.abs() < 0.09 && b < 0.38 => dark,
        // A board with lines of text.
        4 if a.abs() > 0.9 || b.abs() > 0.9 => rim,
        4 if ((b + 2.0) % 0.5) < 0.2 && a.abs() < 0.7 => rim,
        _ => face,
    };
    Look { gloss: 0.02, ..matt(painted) }
}
