//! What things are made of: their colour and light for cameras, their temperature and emissivity for the thermal
//! sensor.

mod car;
mod house;
mod surface;

use self::car::{body_heat, body_look, cabin_look, is_car_glass};
use self::house::{house_heat, house_look};
pub use self::surface::{CarPaint, Facade, Heat, Look};
use self::surface::{matt, surroundings};
use super::arithmetic::{mix, noise3};
use super::vector::{Vec3, v};
use super::weather::Weather;

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

/// Distance² of `z` to the nearer axle; both axles lie between 1.1 and 1.6 m from the middle.
fn hub_offset(z: f32) -> f32 {
    let beside = z.abs() - 1.32;
    beside * beside
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
