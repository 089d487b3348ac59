//! Whose classes the ids of a picture are: those of the labels, or those of a network that learned others.

use fusionscope_engine::protocol::Content;

use super::Store;
use crate::look::{self, ClassColours};

/// Where class ids come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassesOf {
    /// The data set's labels.
    Labels,
    /// The network's answers; the same as the labels' where it was trained on these.
    Answers,
    /// The answers of the network beside the one in view.
    Beside,
}

impl ClassesOf {
    /// What a picture of this content holds.
    pub fn content(content: &Content) -> Self {
        match content {
            Content::Label => Self::Labels,
            Content::Beside(_) => Self::Beside,
            _ => Self::Answers,
        }
    }
}

impl Store {
    /// Whether the network can be asked about the open data and answers with classes of its own, because the data set
    /// has others or none.
    pub fn answers_with_own_classes(&self) -> bool {
        let (Some(network), Some(dataset)) = (&self.network, &self.dataset) else { return false };
        let has = |sensor: &String| dataset.modalities.iter().any(|other| other.name == *sensor);
        let is_same = network.classes.len() == dataset.classes.len()
            && network.classes.iter().zip(&dataset.classes).all(|(one, other)| one.eq_ignore_ascii_case(other));
        !network.classes.is_empty() && network.sensors.iter().all(has) && !is_same
    }

    /// The names of classes, by id.
    pub fn class_names(&self, of: ClassesOf) -> &[String] {
        if of == ClassesOf::Beside {
            return self.scene.beside.as_ref().map_or(&[], |beside| beside.network.classes.as_slice());
        }
        match (&self.network, &self.dataset) {
            (Some(network), _) if of == ClassesOf::Answers && self.answers_with_own_classes() => &network.classes,
            (_, Some(dataset)) => &dataset.classes,
            (_, None) => &[],
        }
    }

    /// The name of a class.
    pub fn class_name_of(&self, of: ClassesOf, class: u8) -> &str {
        self.class_names(of).get(usize::from(class)).map_or("unlabelled", String::as_str)
    }

    /// The name of a class of the answers, which the legend lists.
    pub fn class_name(&self, class: u8) -> &str {
        self.class_name_of(ClassesOf::Answers, class)
    }

    /// The colours of classes, by id. Classes that labels and answers have in common have one colour.
    pub fn colours_of(&self, of: ClassesOf) -> ClassColours {
        let names = self.class_names(of);
        let known = self.class_names(ClassesOf::Answers);
        let own = match &self.network {
            Some(network) if self.answers_with_own_classes() => &network.colours,
            _ => self.dataset.as_ref().map_or(&[][..], |dataset| &dataset.colours),
        };
        match of {
            ClassesOf::Answers => self.coloured(known.len(), own),
            ClassesOf::Labels | ClassesOf::Beside => {
                let colours = self.coloured(known.len(), own).extended(names.len());
                let mut others = known.len()..;
                let place = |name: &String| {
                    let same = known.iter().position(|own| own.eq_ignore_ascii_case(name));
                    same.or_else(|| others.next()).unwrap_or_default()
                };
                colours.picked(names.iter().map(place).collect::<Vec<usize>>().as_slice())
            }
        }
    }

    /// Whether the legend, which lists the classes of the answers, says what ids of this kind mean.
    pub fn legend_lists(&self, of: ClassesOf) -> bool {
        match of {
            ClassesOf::Answers => true,
            ClassesOf::Labels => !self.answers_with_own_classes(),
            ClassesOf::Beside => {
                let (own, other) = (self.class_names(ClassesOf::Answers), self.class_names(of));
                own.len() == other.len() && own.iter().zip(other).all(|(one, other)| one.eq_ignore_ascii_case(other))
            }
        }
    }

    /// The colours of the first `count` classes of the open data set, as the metrics have them.
    pub fn class_colours(&self, count: usize) -> ClassColours {
        self.coloured(count, self.dataset.as_ref().map_or(&[], |dataset| &dataset.colours))
    }

    /// Colours chosen by hand, else `own` where they are wanted, else safe ones.
    fn coloured(&self, count: usize, own: &[[u8; 3]]) -> ClassColours {
        let colours = look::class_colours(count, Some(own).filter(|_| self.scene.own_colours));
        match self.palette().and_then(|palette| self.scene.recoloured.get(&palette)) {
            Some(by_hand) => colours.with(by_hand),
            None => colours,
        }
    }

    /// What colours chosen by hand are remembered by: the data set, and apart from it a network's own classes.
    pub fn palette(&self) -> Option<String> {
        let name = &self.dataset.as_ref()?.name;
        Some(if self.answers_with_own_classes() { format!("{name}, in the network's classes") } else { name.clone() })
    }

    /// The colour that a class was given by hand.
    pub fn colour_by_hand(&self, class: u8) -> Option<[u8; 3]> {
        self.scene.recoloured.get(&self.palette()?)?.get(&class).copied()
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{DatasetSummary, Event, ModalitySummary, NetworkSummary};

    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn store(labels: &[&str], answers: &[&str]) -> Store {
        let mut store = Store::default();
        let sensor = ModalitySummary { name: "colour".to_owned(), ..ModalitySummary::default() };
        store.apply(Event::Dataset(DatasetSummary {
            name: "streets".to_owned(),
            modalities: vec![sensor],
            classes: names(labels),
            ..DatasetSummary::default()
        }));
        let (sensors, classes) = (names(&["colour"]), names(answers));
        store.apply(Event::Network(NetworkSummary { sensors, classes, ..NetworkSummary::default() }));
        store
    }

    #[test]
    fn a_network_of_other_classes_names_its_answers_and_the_labels_keep_their_own() {
        let store = store(&["road", "car"], &["sky", "road", "person"]);
        assert!(store.answers_with_own_classes());
        assert_eq!((store.class_name(1), store.class_name_of(ClassesOf::Labels, 1)), ("road", "car"));
        let (labels, answers) = (store.colours_of(ClassesOf::Labels), store.colours_of(ClassesOf::Answers));
        assert_eq!((labels.len(), answers.len()), (2, 3));
        assert_eq!(labels.get(0), answers.get(1), "a road is a road");
        assert!((0..3).all(|class| answers.get(class) != labels.get(1)), "no answer looks like a car");
    }

    #[test]
    fn the_same_classes_in_another_case_are_the_same() {
        let store = store(&["Road", "car"], &["road", "Car"]);
        assert!(!store.answers_with_own_classes());
        assert_eq!(store.class_name(0), "Road");
        assert_eq!(store.colours_of(ClassesOf::Answers), store.colours_of(ClassesOf::Labels));
    }

    #[test]
    fn data_without_labels_are_named_by_the_network() {
        let store = store(&[], &["road", "car"]);
        assert_eq!((store.class_name(1), store.colours_of(ClassesOf::Answers).len()), ("car", 2));
        assert!(store.class_names(ClassesOf::Labels).is_empty());
    }

    #[test]
    fn a_network_for_other_sensors_changes_no_names() {
        let mut store = store(&["road"], &["sky", "car"]);
        let network = NetworkSummary { sensors: names(&["lidar"]), classes: names(&["sky"]), ..Default::default() };
        store.apply(Event::Network(network));
        assert!(!store.answers_with_own_classes());
        assert_eq!(store.class_name(0), "road");
    }
}
