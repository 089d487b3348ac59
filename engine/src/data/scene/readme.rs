//! The page that lies beside the sample data: what its files mean, and how much one pixel tells.

use std::path::Path;

use super::complementarity::describe;
use super::error::SceneError;
use super::settings::SceneSettings;

/// The page's file name, in the root of the data set.
pub const README_NAME: &str = "README.md";

/// The page for the data in `dir`, which [`super::write_dataset`] wrote by `settings`; measures its tables there.
pub fn readme(dir: &Path, settings: &SceneSettings) -> Result<String, SceneError> {
    let SceneSettings { seed, train, val, test, width, height } = *settings;
    let scenes = train + val + test;
    let tables = if test > 0 { describe(dir)? } else { "There is no test split to measure on.\n".to_owned() };
    let tables = tables.trim();
    let defaults = SceneSettings::default();
    let usual = (width, height) == (defaults.width, defaults.height);
    let size = if usual { String::new() } else { format!(" --size {width}x{height}") };
    Ok(format!(
        r"# Sample streets

{scenes} small street scenes, half of them at night, seen by five registered sensors and labelled pixel by pixel. Nothing here was photographed: a ray caster (`engine/src/data/scene`)
renders a small 3-D world, and a model of each sensor spoils the result the way the real sensor would. It exists so that the program has something to show and to train on from
the first second; it says nothing about how a method does on real streets.

Generate it again, byte for byte, on any x86-64 machine; the command writes this page too, with the tables measured on what it has just rendered:

```
fusionscope dataset sample --out DIR --seed {seed} --count {train},{val},{test}{size}
```

## Files

`{{split}}/{{sensor}}/{{id}}.png`, all {width} × {height} pixels; splits `train` ({train}), `val` ({val}), `test` ({test}). Ids end in `-day` or `-night`, which are also the condition tags.

| folder | format | meaning | what spoils it |
|---|---|---|---|
| `colour` | 8-bit RGB | a photograph | exposure, glare, haze, shot and read noise (much at night), 7 bits by day and 6 by night |
| `thermal` | 8-bit | °C = value / 4 − 20 | optics at half resolution, noise of 0.1 K, column drift, reflections of a cold sky |
| `thermal-night` | 8-bit | as `thermal`: what the sensor would see of a day scene in some night; no sensor, but what `data.fake_night` takes | as `thermal` |
| `depth` | 16-bit | m = value / 256, 0 = hole | stereo: quantised disparity, occlusion shadows, missed matches where there is no texture |
| `lidar` | 16-bit | m = value / 256, 0 = no return | 28 scan lines, lost returns on glass, dark paint, far and grazing surfaces |
| `event` | 8-bit | events = (value − 128) / 42 | brightness steps within 40 ms of driving; threshold spread, noise events |
| `train/pseudo-labels` | 8-bit | class id of the day scenes as another network sees them, what `data.pseudo_labels` takes; only in the shipped copy, which says beside them how they were made | its mistakes |
| `label` | 8-bit | class id | outlined as an annotator would: wheels and tree crowns are filled |

Classes: 0 road, 1 sidewalk, 2 building, 3 vegetation, 4 sky, 5 car, 6 person, 7 bicycle, 8 pole/sign, 9 cone. There are no unlabelled pixels. Riders are persons, lawns are vegetation.

## How much one pixel tells

*One threshold a class*: for each class the best single threshold on the sensor's value (for colour on brightness, red, green or blue), chosen on `train` by IoU.
*Pixel classifier*: naive Bayes on the pixel's quantised value and one of 12 bands of rows, with the square root of the class frequency as prior, learned on `train`.
*All five* multiplies the likelihoods of the five sensors as if they were independent, which they are not, so it can lose to its best sensor.

{tables}

What the numbers show: at night the colour camera loses people, cars, buildings and sky, and the thermal camera finds the people; road and sidewalk are told apart by colour and by
nothing else; bicycles and cones are cold and thin, thermal sees none of them. What they do not show: single pixels know no shape. Depth, LiDAR and events look weak
here because their information lies in edges and neighbourhoods, and by day people are found poorly by their temperature alone because sunlit asphalt is as warm as they are. A network that looks at
neighbourhoods does much better with every sensor. The row band carries a good part of the road, building and sky scores: `event`, which is empty at most pixels, is close to what
position alone achieves.

## Licence

The pictures, labels and this page are dedicated to the public domain (CC0 1.0); the program that makes them is under MIT or Apache-2.0.
"
    ))
}
