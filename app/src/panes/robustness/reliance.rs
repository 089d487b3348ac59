//! Which sensor the network relies on: bars of what is lost where it alone is degraded or absent, overall and by class.

use egui::{
    Align2, Color32, CornerRadius, FontId, Label, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};
use fusionscope_engine::robustness::{Harm, Losses, losses_picture};

use super::export;
use crate::exhibit::{Exhibit, paper};
use crate::look::{self, Tokens, size, space};
use crate::panes::PaneContext;

const ROW: f32 = 26.0;
const NAMES: f32 = 104.0;
/// The least width of a sensor's column, and what its numbers take of it.
const LEAST: f32 = 120.0;
const VALUE: f32 = 36.0;
/// Losses smaller than this fill no more of a bar.
const LEAST_REACH: f64 = 0.02;

/// What is lost, as a picture and as numbers.
pub(super) fn exhibit(losses: Losses, whose: &str, tokens: &Tokens) -> Exhibit {
    let (title, paper) = (format!("Which sensor {whose} relies on"), paper(tokens));
    let exhibit = Exhibit::new(export::RELIANCE, "robustness-reliance").csv(losses.csv());
    exhibit.drawn_as_it_is(move || Ok(losses_picture(&losses, &title).on(paper)))
}

/// Draws it; `worst_first` says whether classes are sorted by what they lose.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, losses: Option<&Losses>, worst_first: &mut bool) {
    let tokens = ctx.tokens;
    let Some(losses) = losses else {
        ui.label(look::caption(tokens, "Which sensor it relies on"));
        let words = "Evaluate every subset, or run the protocols severity or emm, to see what is lost where one sensor alone \
                     is degraded or absent";
        look::empty(ui, tokens, words);
        return;
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(look::caption(tokens, "Which sensor it relies on: points lost where it alone fails"));
        export::button(ui, ctx, export::RELIANCE);
        let sort = look::button(ui, tokens, None, "Worst first", *worst_first);
        if sort.on_hover_text("Order classes by the most that one sensor costs them").clicked() {
            *worst_first = !*worst_first;
        }
    });
    if let Some(words) = sentence(losses) {
        ui.add(Label::new(look::medium(words).color(tokens.text)).wrap());
    }
    let column = ((ui.available_width() - NAMES) / losses.sensors.len().max(1) as f32 - space::S).clamp(LEAST, 260.0);
    ScrollArea::horizontal().id_salt("reliance").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        heads(ui, ctx, losses, column);
        let (least, most) = reach(losses);
        row(ui, ctx, losses, None, (column, least, most));
        for class in order(losses, *worst_first) {
            row(ui, ctx, losses, Some(class), (column, least, most));
        }
        ui.spacing_mut().item_spacing.y = space::XS;
    });
    for note in
        std::iter::once("Full bars: degraded. Outlined bars: absent").chain(losses.notes.iter().map(String::as_str))
    {
        ui.add(Label::new(look::small(note).color(tokens.faint)).wrap());
    }
}

/// `It leans most on thermal: degraded alone, it costs 12.3 points`.
fn sentence(losses: &Losses) -> Option<String> {
    let most = losses.leans_on()?;
    let lost = 100.0 * most.miou?;
    if lost < 0.05 {
        return Some("No sensor alone costs it anything".to_owned());
    }
    Some(match most.harm {
        Harm::Absent => format!("It leans most on {}: without it {lost:.1} points are lost", most.sensor),
        _ => format!("It leans most on {}: its degradations cost {lost:.1} points on average", most.sensor),
    })
}

/// The smallest loss, 0 at most, and the largest: one scale for all bars.
fn reach(losses: &Losses) -> (f64, f64) {
    let shown = losses.losses.iter().filter(|loss| !matches!(loss.harm, Harm::By(_)));
    let values = shown.flat_map(|loss| loss.classes.iter().chain([&loss.miou])).flatten();
    values.fold((0.0, LEAST_REACH), |(least, most): (f64, f64), value| (least.min(*value), most.max(*value)))
}

/// The classes that lose or gain something, by id or by the most that one sensor costs them.
fn order(losses: &Losses, worst_first: bool) -> Vec<usize> {
    let shown = || losses.losses.iter().filter(|loss| !matches!(loss.harm, Harm::By(_)));
    let worst =
        |class: usize| shown().filter_map(|loss| loss.classes.get(class).copied().flatten()).fold(f64::MIN, f64::max);
    let mut classes: Vec<usize> = (0..losses.classes.len()).filter(|class| worst(*class) > f64::MIN).collect();
    if worst_first {
        classes.sort_by(|one, other| worst(*other).total_cmp(&worst(*one)));
    }
    classes
}

fn heads(ui: &mut Ui, ctx: &PaneContext<'_>, losses: &Losses, column: f32) {
    let width = NAMES + (column + space::S) * losses.sensors.len() as f32;
    let (rect, _) = ui.allocate_exact_size(vec2(width, 22.0), Sense::hover());
    for (place, sensor) in losses.sensors.iter().enumerate() {
        let left = rect.left() + NAMES + (column + space::S) * place as f32;
        let square = Rect::from_center_size(pos2(left + 5.0, rect.center().y), vec2(9.0, 9.0));
        look::fill_outlined(ui.painter(), ctx.tokens, square, 2, ctx.store.hue(ctx.tokens, sensor));
        let words = look::elided(ui, sensor, FontId::proportional(size::BODY), column - 16.0, ctx.tokens.text);
        let at = pos2(left + 15.0, rect.center().y - words.size().y / 2.0);
        ui.painter().galley(at, words, ctx.tokens.text);
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, ctx.tokens.hairline));
}

/// The losses of the mean, or of a class: two bars a sensor.
fn row(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    losses: &Losses,
    class: Option<usize>,
    (column, least, most): (f32, f64, f64),
) {
    let tokens = ctx.tokens;
    let width = NAMES + (column + space::S) * losses.sensors.len() as f32;
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    let name = class.map_or("mIoU", |class| losses.classes.get(class).map_or("", String::as_str));
    let lost = |sensor: &str, harm: Harm| {
        let loss = losses.find(sensor, harm)?;
        class.map_or(loss.miou, |class| loss.classes.get(class).copied().flatten())
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words(losses, name, &lost)));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let font = FontId::proportional(size::BODY);
    let ink = if class.is_none() { tokens.text } else { tokens.weak };
    let words = look::elided(ui, name, font, NAMES - space::S, ink);
    ui.painter().galley(pos2(rect.left() + 2.0, rect.center().y - words.size().y / 2.0), words, ink);
    for (place, sensor) in losses.sensors.iter().enumerate() {
        let left = rect.left() + NAMES + (column + space::S) * place as f32;
        let room = Rect::from_min_size(pos2(left, rect.top() + 3.0), vec2(column, ROW - 6.0));
        let hue = ctx.store.hue(tokens, sensor);
        bars(ui, room, (least, most), [lost(sensor, Harm::Degraded), lost(sensor, Harm::Absent)], hue, tokens.weak);
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.hairline));
    if class.is_none() {
        response.on_hover_ui(|ui| card(ui, ctx, losses));
    }
}

/// What degradation costs as a full bar, what absence costs as an outlined one below it, and both in numbers.
fn bars(ui: &Ui, room: Rect, (least, most): (f64, f64), lost: [Option<f64>; 2], hue: Color32, ink: Color32) {
    let painter = ui.painter();
    let length = room.width() - VALUE;
    let along = |value: f64| room.left() + length * ((value - least) / (most - least)) as f32;
    painter.vline(along(0.0), room.y_range(), Stroke::new(1.0, look::with_alpha(ink, 0.5)));
    let known = lost.iter().flatten().count();
    for (place, value) in lost.into_iter().enumerate() {
        let Some(value) = value else { continue };
        let height = room.height() / 2.0;
        // One alone takes the middle.
        let top = if known == 1 { room.center().y - height / 2.0 } else { room.top() + height * place as f32 };
        let (from, to) = (along(value.min(0.0)), along(value.max(0.0)));
        let bar = Rect::from_min_max(pos2(from, top + 1.0), pos2(to.max(from + 1.0), top + height - 1.0));
        if place == 0 {
            painter.rect_filled(bar, CornerRadius::same(1), hue);
        } else {
            painter.rect_stroke(bar, CornerRadius::same(1), Stroke::new(1.2, hue), StrokeKind::Inside);
        }
        let at = pos2(to.max(from) + 4.0, top + height / 2.0);
        painter.text(at, Align2::LEFT_CENTER, number(value), FontId::proportional(9.5), ink);
    }
}

/// Points that are lost, `12.3`, or gained, `−0.4`.
fn number(lost: f64) -> String {
    format!("{:.1}", 100.0 * lost).replace('-', "−")
}

/// What a reader of the screen hears of a row.
fn words(losses: &Losses, name: &str, lost: &dyn Fn(&str, Harm) -> Option<f64>) -> String {
    let of = |sensor: &String| {
        let harms = [Harm::Degraded, Harm::Absent];
        let known =
            harms.into_iter().filter_map(|harm| Some(format!("{} {}", harm.word(), number(lost(sensor, harm)?))));
        format!("{sensor} {}", known.collect::<Vec<_>>().join(", "))
    };
    let sensors: Vec<String> = losses.sensors.iter().map(of).collect();
    format!("Points of {name} lost: {}", sensors.join("; "))
}

/// What each degradation of each sensor costs.
fn card(ui: &mut Ui, ctx: &PaneContext<'_>, losses: &Losses) {
    for sensor in &losses.sensors {
        let degradations = losses.degradations(sensor);
        if degradations.is_empty() {
            continue;
        }
        ui.label(look::semibold(sensor.as_str()).color(ctx.tokens.text));
        let words: Vec<String> = degradations.iter().map(|(name, lost)| format!("{name} {}", number(*lost))).collect();
        ui.add(Label::new(look::small(words.join(" · ")).color(ctx.tokens.weak)).wrap());
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::Degradation;
    use fusionscope_engine::robustness::Loss;

    use super::*;

    fn losses() -> Losses {
        let loss = |sensor: &str, harm, miou: f64, classes: [f64; 2]| Loss {
            sensor: sensor.to_owned(),
            harm,
            miou: Some(miou),
            classes: classes.map(Some).into(),
        };
        Losses {
            classes: ["road", "person"].map(str::to_owned).into(),
            sensors: ["colour", "thermal"].map(str::to_owned).into(),
            losses: vec![
                loss("colour", Harm::Degraded, 0.05, [0.1, 0.0]),
                loss("colour", Harm::By(Degradation::Fog), 0.9, [0.9, 0.9]),
                loss("colour", Harm::Absent, 0.3, [0.2, 0.4]),
                loss("thermal", Harm::Degraded, 0.123, [-0.02, 0.25]),
            ],
            notes: Vec::new(),
        }
    }

    #[test]
    fn it_leans_on_what_costs_most_when_degraded_else_when_absent() {
        let mut losses = losses();
        assert_eq!(
            sentence(&losses).unwrap(),
            "It leans most on thermal: its degradations cost 12.3 points on average"
        );
        losses.losses.retain(|loss| loss.harm == Harm::Absent);
        assert_eq!(sentence(&losses).unwrap(), "It leans most on colour: without it 30.0 points are lost");
        losses.losses[0].miou = Some(-0.01);
        assert_eq!(sentence(&losses).unwrap(), "No sensor alone costs it anything");
    }

    #[test]
    fn bars_have_one_scale_without_single_degradations_and_classes_are_sorted_by_their_worst() {
        let losses = losses();
        assert_eq!(reach(&losses), (-0.02, 0.4));
        assert_eq!((order(&losses, false), order(&losses, true)), (vec![0, 1], vec![1, 0]));
        let of = |sensor: &str, harm: Harm| losses.find(sensor, harm)?.miou;
        let words = words(&losses, "mIoU", &of);
        assert_eq!(words, "Points of mIoU lost: colour degraded 5.0, absent 30.0; thermal degraded 12.3");
    }
}
