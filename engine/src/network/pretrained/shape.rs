//! What may be done to a tensor so that it fits.

use burn::tensor::TensorData;

/// The data in the shape that is needed, and in words what had to be done for that, if anything; gives the data back
/// where it does not fit.
///
/// Sides of one place come and go (a linear layer is a 1×1 convolution). A first convolution for gray images serves
/// three equal channels when it is repeated and divided by three; one for colours serves gray when its channels are
/// summed.
pub fn fitted(data: TensorData, needed: &[usize]) -> Result<(TensorData, Option<String>), TensorData> {
    let found = data.shape().to_vec();
    let words = |how: &str| Some(format!("{how} from {found:?} to {needed:?}"));
    match way(&found, needed) {
        Some(Way::AsItIs) => Ok((data, None)),
        Some(Way::Reshaped) => {
            let Ok(values) = data.clone().try_into_vec::<f32>() else { return Err(data) };
            Ok((TensorData::new(values, needed.to_vec()), words("reshaped")))
        }
        Some(Way::Repeated { place }) => {
            let Ok(values) = data.as_slice::<f32>() else { return Err(data) };
            let thirds = values.chunks(place).flat_map(|kernel| kernel.repeat(3)).map(|value| value / 3.0);
            Ok((TensorData::new(thirds.collect::<Vec<f32>>(), needed.to_vec()), words("repeated and divided by three")))
        }
        Some(Way::Summed { place }) => {
            let Ok(values) = data.as_slice::<f32>() else { return Err(data) };
            let sum = |kernels: &[f32]| -> Vec<f32> {
                (0..place).map(|at| kernels[at] + kernels[place + at] + kernels[2 * place + at]).collect()
            };
            let sums: Vec<f32> = values.chunks(3 * place).flat_map(sum).collect();
            Ok((TensorData::new(sums, needed.to_vec()), words("summed over colours")))
        }
        None => Err(data),
    }
}

/// Whether [`fitted`] knows what to do with a tensor of these sides, before anything of it is read.
pub fn fits(found: &[usize], needed: &[usize]) -> bool {
    way(found, needed).is_some()
}

/// How a tensor is made to fit; `place` are the numbers of one kernel.
enum Way {
    AsItIs,
    Reshaped,
    Repeated { place: usize },
    Summed { place: usize },
}

fn way(found: &[usize], needed: &[usize]) -> Option<Way> {
    if found == needed {
        return Some(Way::AsItIs);
    }
    let core = |shape: &[usize]| shape.iter().copied().filter(|&side| side != 1).collect::<Vec<_>>();
    if core(found) == core(needed) {
        return Some(Way::Reshaped);
    }
    let ([out, input, kernel @ ..], [needed_out, needed_input, needed_kernel @ ..]) = (found, needed) else {
        return None;
    };
    let place: usize = needed_kernel.iter().product();
    if out != needed_out || kernel != needed_kernel || place == 0 {
        return None;
    }
    match (input, needed_input) {
        (1, 3) => Some(Way::Repeated { place }),
        (3, 1) => Some(Way::Summed { place }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(values: &[f32], found: &[usize], needed: &[usize]) -> Result<(Vec<f32>, String), TensorData> {
        let (data, words) = fitted(TensorData::new(values.to_vec(), found.to_vec()), needed)?;
        assert_eq!(data.shape().to_vec(), needed);
        Ok((data.try_to_vec().unwrap(), words.unwrap_or_default()))
    }

    #[test]
    fn what_needs_no_invention_is_reshaped_and_said() {
        assert_eq!(fit(&[1.0, 2.0], &[2], &[2]).unwrap(), (vec![1.0, 2.0], String::new()));
        let (values, words) = fit(&[1.0, 2.0], &[1, 2, 1, 1], &[1, 2]).unwrap();
        assert_eq!((values, words.as_str()), (vec![1.0, 2.0], "reshaped from [1, 2, 1, 1] to [1, 2]"));
        let gray = [3.0, 6.0, 9.0, 12.0];
        let (values, words) = fit(&gray, &[2, 1, 1, 2], &[2, 3, 1, 2]).unwrap();
        assert_eq!(values, [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 3.0, 4.0]);
        assert!(words.starts_with("repeated"), "{words}");
        let (back, words) = fit(&values, &[2, 3, 1, 2], &[2, 1, 1, 2]).unwrap();
        assert_eq!(back, gray);
        assert!(words.starts_with("summed"), "{words}");
    }

    #[test]
    fn what_does_not_fit_is_given_back() {
        for (found, needed) in [(&[4][..], &[2, 2][..]), (&[1, 4], &[1, 2]), (&[2, 1, 2], &[1, 3, 2]), (&[4], &[5])] {
            assert!(fit(&[0.0; 4], found, needed).is_err(), "{found:?} {needed:?}");
        }
        assert!(fitted(TensorData::new(vec![1_i64], [1]), &[1, 1]).is_err());
    }
}
