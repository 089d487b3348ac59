//! Colours for classes whose data set names none.

/// The Pascal VOC colour map: the bits of an id, spread over the high bits of red, green and blue.
pub(crate) fn voc_colour(id: usize) -> [u8; 3] {
    let mut colour = [0_u8; 3];
    for level in 0..8 {
        for (channel, value) in colour.iter_mut().enumerate() {
            *value |= (((id >> (3 * level + channel)) & 1) as u8) << (7 - level);
        }
    }
    colour
}

/// One colour a class; id 0 takes the map's first colour after black.
pub(crate) fn colours(classes: usize) -> Vec<[u8; 3]> {
    (1..=classes).map(voc_colour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_map_is_that_of_pascal_voc() {
        let expected = [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0], [0, 0, 128]];
        assert_eq!(expected, [0, 1, 2, 3, 4].map(voc_colour));
        assert_eq!(voc_colour(20), [0, 64, 128]);
        assert_eq!(voc_colour(255), [224, 224, 192]);
    }
}
