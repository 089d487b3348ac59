//! Which sensors, and how their scenes become batches.

use super::Change::Structural;
use super::{Component, Kind, choice, integer, number, option, setting_of, variant};

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        id: "sensors",
        title: "Sensors",
        group: "Sensors",
        source: "",
        formula: "",
        summary: "Which of the data set's sensors the network is built for",
        watch: "Drop one of them in Inspect and see which classes suffer",
        curve: "",
        probes: &[],
        variants: &[],
        settings: &[setting_of(
            "sensors.use",
            "In use",
            Structural,
            Kind::Texts(&[]),
            "Names out of the data set's manifest, the guiding (optical) sensor first; empty takes the manifest's first two",
        )],
    },
    Component {
        id: "data",
        title: "Batches and augmentation",
        group: "Data",
        source: "OGP-Net, implementation details",
        formula: "",
        summary: "How samples become batches; geometry is changed identically for every sensor and the label",
        watch: "The evaluations' mIoU while the loss still falls: where it stalls, more augmentation helps",
        curve: "",
        probes: &[],
        variants: &[
            variant(
                "paper",
                "Square crops of 480 pixels and the encoder's own normalisation: the paper names neither",
                &[("data.crop", "480"), ("data.normalisation", "encoder")],
            ),
            variant(
                "code",
                "DisOptNet's code: crops of 512 pixels, the second sensor by mean 0.5 and deviation 0.125",
                &[("data.crop", "512"), ("data.normalisation", "disoptnet")],
            ),
        ],
        settings: &[
            setting_of(
                "data.class_map",
                "Class map",
                Structural,
                Kind::Text(""),
                "Joins classes by a map of the data set, for example nyu13; empty takes the data set's own choice, none its labels as they are",
            ),
            setting_of("data.batch_size", "Batch size", Structural, integer(8, 1, 256), "Scenes in one step"),
            setting_of(
                "data.height",
                "Height (px)",
                Structural,
                integer(0, 0, 4096),
                "Height that samples are resized to before cropping; 0 keeps the file's",
            ),
            setting_of(
                "data.width",
                "Width (px)",
                Structural,
                integer(0, 0, 4096),
                "Width that samples are resized to before cropping; 0 keeps the file's",
            ),
            setting_of(
                "data.crop",
                "Crop (px)",
                Structural,
                integer(0, 0, 4096),
                "Side of a square random crop in training, cut down to the images where they are smaller; 0 crops only what a batch of unequal sizes needs",
            ),
            setting_of(
                "data.normalisation",
                "Normalisation",
                Structural,
                choice(
                    "encoder",
                    &[
                        option(
                            "encoder",
                            "What the encoder was pretrained with, for every sensor; the data set's own for nano, which has no weights to match",
                        ),
                        option("imagenet", "ImageNet's mean and deviation for every sensor, on the replicated channel"),
                        option("unit", "0 to 1 as they are, for every sensor (AMDANet)"),
                        option(
                            "disoptnet",
                            "ImageNet's for colour, mean 0.5 and deviation 0.125 for all others (DisOptNet's radar values)",
                        ),
                        option(
                            "imagenet-colour",
                            "ImageNet's for colour, 0 to 1 as they are for all others (CMNeXt, Any2Seg, cross-spectral adaptation)",
                        ),
                        option("manifest", "What the data set's manifest says, sensor by sensor"),
                    ],
                ),
                "How values between 0 and 1 become network input",
            ),
            setting_of(
                "data.flip",
                "Horizontal flip",
                Structural,
                number(0.5, 0.0, 1.0),
                "Probability of mirroring left and right",
            ),
            setting_of("data.scale_min", "Scale from", Structural, number(1.0, 0.25, 4.0), "Smallest random scale"),
            setting_of("data.scale_max", "Scale to", Structural, number(1.0, 0.25, 4.0), "Largest random scale"),
            setting_of(
                "data.jitter",
                "Colour jitter",
                Structural,
                number(0.0, 0.0, 1.0),
                "Probability of changing brightness, contrast and saturation of the colour image by up to one half",
            ),
            setting_of(
                "data.blur",
                "Blur",
                Structural,
                number(0.0, 0.0, 1.0),
                "Probability of a 3×3 Gaussian blur of the colour image",
            ),
        ],
    },
];
