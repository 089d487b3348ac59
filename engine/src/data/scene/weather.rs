//! Light and warmth of the hour: sun, sky, haze, air and surface temperatures.

use super::arithmetic::{Dice, exp, lattice, mix, noise2, smooth};
use super::vector::{Vec3, v};

/// The state of the atmosphere over one scene.
#[derive(Clone, Debug)]
pub struct Weather {
    /// Whether lamps are lit.
    pub night: bool,
    /// Towards the sun (or the moon).
    pub sun: Vec3,
    /// Linear colour of direct sunlight; black under clouds and at night.
    pub sunlight: Vec3,
    /// Linear colour of the light from the whole sky.
    pub skylight: Vec3,
    /// Sky colour overhead.
    pub zenith: Vec3,
    /// Sky colour at the horizon, which is also the colour of haze.
    pub horizon: Vec3,
    /// Haze, share lost per metre.
    pub haze: f32,
    /// Share of the sky that clouds cover.
    pub clouds: f32,
    /// Air temperature, °C.
    pub air: f32,
    /// Kelvin by which full sun warms a dark surface.
    pub solar: f32,
    /// Kelvin by which the ground is warmer than the air.
    pub ground: f32,
    /// Apparent temperature of the sky overhead, °C.
    pub cold_sky: f32,
    /// Leaves are somewhere between green (0) and autumn (1).
    pub autumn: f32,
    /// Noise salt of clouds and stars.
    pub salt: u32,
}

impl Weather {
    /// Weather of a day or a night.
    pub fn throw(night: bool, dice: &mut Dice) -> Self {
        let salt = dice.salt();
        let autumn = if dice.chance(0.25) { dice.range(0.4, 1.0) } else { dice.range(0.0, 0.2) };
        let clouds = dice.unit();
        if night {
            let city = dice.pick(&[v(0.020, 0.014, 0.010), v(0.012, 0.013, 0.018), v(0.017, 0.011, 0.012)]);
            let clear = 1.0 - clouds;
            return Self {
                night,
                sun: v(0.3, 0.8, -0.5).unit(),
                sunlight: Vec3::default(),
                skylight: v(0.0045, 0.0052, 0.0075) * dice.range(0.6, 1.5),
                zenith: v(0.0012, 0.0018, 0.0045).mix(city * 0.35, clouds),
                horizon: city * dice.range(0.35, 0.8),
                haze: dice.range(0.001, 0.005),
                clouds,
                air: dice.range(1.0, 17.0),
                solar: 0.0,
                ground: dice.range(0.8, 2.6),
                cold_sky: dice.range(-19.0, -13.0) * clear + -5.0 * clouds,
                autumn,
                salt,
            };
        }
        let overcast = clouds > 0.62;
        let evening = !overcast && dice.chance(0.3);
        let height = if evening { dice.range(0.22, 0.4) } else { dice.range(0.55, 1.3) };
        let sun = v(dice.sign() * dice.range(0.3, 1.0), height, dice.range(-1.0, 0.75)).unit();
        let air = dice.range(10.0, 27.0);
        let (sunlight, skylight, zenith, horizon) = if overcast {
            let grey = dice.range(0.85, 1.05);
            (Vec3::default(), v(0.78, 0.82, 0.88) * grey, v(0.60, 0.64, 0.70) * grey, v(0.84, 0.86, 0.88) * grey)
        } else if evening {
            (v(1.75, 1.12, 0.62), v(0.26, 0.28, 0.38), v(0.20, 0.32, 0.58), v(1.05, 0.74, 0.52))
        } else {
            (v(1.42, 1.30, 1.10), v(0.30, 0.37, 0.48), v(0.15, 0.32, 0.70), v(0.66, 0.80, 0.95))
        };
        let foggy = dice.chance(0.18);
        Self {
            night,
            sun,
            sunlight,
            skylight,
            zenith,
            horizon,
            haze: if foggy { dice.range(0.008, 0.016) } else { dice.range(0.001, 0.004) },
            clouds,
            air,
            solar: if overcast { 1.5 } else { dice.range(8.0, 15.0) * if evening { 0.6 } else { 1.0 } },
            ground: if overcast { dice.range(0.5, 2.0) } else { dice.range(1.0, 4.0) },
            cold_sky: if overcast { air - 12.0 } else { air - dice.range(24.0, 34.0) },
            autumn,
            salt,
        }
    }

    /// Radiance of the sky in a direction.
    pub fn sky(&self, direction: Vec3) -> Vec3 {
        let up = direction.y.max(0.0);
        let blend = 1.0 - exp(-up * if self.night { 5.0 } else { 3.6 });
        let mut colour = self.horizon.mix(self.zenith, blend);
        let (x, z) = (direction.x / (up + 0.12), direction.z / (up + 0.12));
        if self.night {
            let stars = lattice((x * 60.0) as i32, (z * 60.0) as i32, 7, self.salt);
            if stars > 0.994 && up > 0.12 && self.clouds < 0.5 {
                colour = colour + Vec3::all(0.02 * (stars - 0.994) / 0.006);
            }
            return colour;
        }
        let puffs = noise2(x * 1.1, z * 1.1, self.salt) * 0.55
            + noise2(x * 2.7, z * 2.7, self.salt ^ 1) * 0.28
            + noise2(x * 6.1, z * 6.1, self.salt ^ 2) * 0.17;
        let overcast = self.clouds > 0.62;
        let cover = if overcast { 0.45 } else { smooth(0.78 - 0.5 * self.clouds, 0.95 - 0.4 * self.clouds, puffs) };
        let white = if overcast {
            Vec3::all(0.62 + 0.42 * puffs)
        } else {
            self.sunlight * (0.55 + 0.18 * puffs) + self.skylight * 0.35
        };
        colour = colour.mix(white, cover * smooth(0.0, 0.22, up));
        let towards = direction.dot(self.sun).max(0.0);
        let square = towards * towards;
        let glow = square * square * square * square;
        colour + self.sunlight * (0.22 * glow + 0.9 * smooth(0.9975, 0.9992, towards) * (1.0 - cover))
    }

    /// Apparent temperature of the sky in a direction, °C.
    pub fn sky_temperature(&self, direction: Vec3) -> f32 {
        let up = direction.y.max(0.0);
        mix(self.air - 4.0, self.cold_sky, 1.0 - exp(-up * 4.0))
    }

    /// The share of haze before something `distance` metres away.
    pub fn haze_before(&self, distance: f32) -> f32 {
        1.0 - exp(-self.haze * distance)
    }
}
