//! The chart widget: what an operator reads off it, and what it must never pretend.

use jiff::tz::{Offset, TimeZone};
use quarterdeck::model::{Health, Labels, Point, Series, Unit};
use quarterdeck::ui::theme::Theme;
use quarterdeck::ui::value::{tick, value};
use quarterdeck::ui::widgets::chart::{
    Bound, Chart, Curve, Legend, LegendColumn, Mark, MarkKind, Rank, Strip, Threshold, curves,
    spark, strip, ticks,
};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::estate::text;

/// 2026-11-21 12:00:00 UTC, in milliseconds.
const NOON: i64 = 1_795_262_400_000;
const STEP: i64 = 15_000;

/// A series with a value every step from noon; nothing where there is none.
fn series(values: impl IntoIterator<Item = Option<f64>>) -> Series {
    let points = values.into_iter().enumerate();
    let points = points.filter_map(|(at, value)| {
        let millis = NOON + at as i64 * STEP;
        value.map(|value| Point { millis, value })
    });
    Series {
        labels: Labels::default(),
        points: points.collect(),
        histograms: 0,
    }
}

fn one(values: impl IntoIterator<Item = Option<f64>>) -> Vec<Curve> {
    curves([("shop".to_owned(), series(values))])
}

struct Easel {
    curves: Vec<Curve>,
    thresholds: Vec<Threshold>,
    marks: Vec<Mark>,
    cursor_ms: Option<i64>,
    selected: Option<usize>,
    steps: i64,
    unit: Unit,
    zone: TimeZone,
    ascii: bool,
}

impl Easel {
    fn new(curves: Vec<Curve>, steps: i64) -> Self {
        Self {
            curves,
            thresholds: Vec::new(),
            marks: Vec::new(),
            cursor_ms: None,
            selected: None,
            steps,
            unit: Unit::Number,
            zone: TimeZone::UTC,
            ascii: false,
        }
    }

    fn with<T>(&self, show: impl FnOnce(&Chart<'_>) -> T) -> T {
        show(&Chart {
            curves: &self.curves,
            selected: self.selected,
            span: (NOON, NOON + self.steps * STEP),
            step_ms: STEP,
            unit: self.unit,
            thresholds: &self.thresholds,
            marks: &self.marks,
            cursor_ms: self.cursor_ms,
            zone: &self.zone,
            theme: &Theme::default(),
            ascii: self.ascii,
        })
    }

    fn buffer(&self, width: u16, height: u16) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        self.with(|chart| chart.draw(area, &mut buffer));
        buffer
    }

    fn drawn(&self, width: u16, height: u16) -> String {
        text(&self.buffer(width, height))
    }
}

/// Whether a column of the screen has dots of a curve.
fn dotted(drawn: &str, column: usize) -> bool {
    drawn.lines().any(|line| {
        let character = line.chars().nth(column);
        character.is_some_and(|it| ('\u{2801}'..='\u{28ff}').contains(&it))
    })
}

#[test]
fn a_rise_over_a_limit_with_its_deploy_is_read_at_a_glance() {
    let quiet = (0..60).map(|_| Some(0.004));
    let rise = (0..20).map(|at| Some(0.02 + f64::from(at) * 0.0098));
    let mut easel = Easel::new(one(quiet.chain(rise)), 79);
    easel.unit = Unit::Ratio;
    easel.thresholds.push(Threshold {
        value: 0.05,
        bound: Bound::Above,
        health: Health::Bad,
    });
    for (step, kind) in [
        (58, MarkKind::Rollout),
        (64, MarkKind::Pending),
        (68, MarkKind::Firing),
    ] {
        easel.marks.push(Mark {
            at_ms: NOON + step * STEP,
            kind,
            words: String::new(),
        });
    }
    insta::assert_snapshot!("chart_alert", easel.drawn(76, 12));
}

#[test]
fn what_is_missing_is_a_gap() {
    let values = (0..40).map(|at| (!(10..30).contains(&at)).then_some(5.0));
    let drawn = Easel::new(one(values), 39).drawn(46, 8);
    let left = 5;
    assert!(dotted(&drawn, left) && dotted(&drawn, 43), "{drawn}");
    assert!((18..30).all(|column| !dotted(&drawn, column)), "{drawn}");
}

#[test]
fn one_missing_scrape_is_seen_and_two_neighbours_are_joined() {
    let joined = Easel::new(one([Some(1.0), Some(4.0), Some(2.0)]), 2).drawn(40, 8);
    assert!((6..34).all(|column| dotted(&joined, column)), "{joined}");
    let gap = Easel::new(one([Some(1.0), None, Some(2.0)]), 2).drawn(40, 8);
    assert!(!dotted(&gap, 20), "{gap}");
}

#[test]
fn what_is_no_number_is_left_out_and_counted() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(Some);
    let values = [Some(1.0), Some(2.0)]
        .into_iter()
        .chain(odd)
        .chain([Some(2.0), Some(1.0)]);
    let curves = one(values);
    assert_eq!(curves[0].not_finite, 3);
    assert_eq!(
        (curves[0].min, curves[0].max, curves[0].last),
        (Some(1.0), Some(2.0), Some(1.0))
    );
    let drawn = Easel::new(curves, 6).drawn(40, 8);
    assert!(!dotted(&drawn, 19), "the middle is a gap:\n{drawn}");
    let none = one([Some(f64::NAN)]);
    assert_eq!(none[0].last, None);
    Easel::new(none, 6).drawn(40, 8);
}

#[test]
fn a_spike_survives_however_many_values_share_its_column() {
    for at in [0, 1, 4_321, 9_999, 10_999] {
        let values = (0..11_000).map(|step| Some(if step == at { 100.0 } else { 1.0 }));
        let drawn = Easel::new(one(values), 10_999).drawn(40, 10);
        let top = drawn.lines().next().unwrap();
        let high = top
            .chars()
            .any(|it| ('\u{2801}'..='\u{28ff}').contains(&it));
        assert!(high, "spike at {at}\n{drawn}");
    }
}

#[test]
fn six_lines_have_colours_and_more_have_a_shadow() {
    let many = (0..20).map(|at| {
        (
            format!("pod-{at:02}"),
            series((0..30).map(move |_| Some(f64::from(at)))),
        )
    });
    let curves = curves(many);
    let lines: Vec<&str> = curves
        .iter()
        .filter(|curve| curve.rank != Rank::Other)
        .map(|curve| curve.name.as_str())
        .collect();
    assert_eq!(lines, ["pod-15", "pod-16", "pod-17", "pod-18", "pod-19"]);
    let easel = Easel::new(curves, 29);
    let drawn = easel.drawn(60, 12);
    let line = easel.with(|chart| {
        let area = Rect::new(0, 0, 60, 1);
        let mut buffer = Buffer::empty(area);
        let legend = Legend {
            chart,
            sort: LegendColumn::Last,
            reversed: false,
            top: 0,
        };
        legend.line(area, &mut buffer);
        text(&buffer)
    });
    insta::assert_snapshot!("chart_many", format!("{drawn}{line}"));
}

#[test]
fn the_legend_sorts_by_its_columns_and_reads_the_crosshair() {
    let mut easel = Easel::new(
        curves([
            (
                "web".to_owned(),
                series((0..30).map(|at| Some(f64::from(at)))),
            ),
            (
                "api".to_owned(),
                series((0..30).map(|at| Some(30.0 - f64::from(at)))),
            ),
        ]),
        29,
    );
    easel.cursor_ms = Some(NOON + 5 * STEP);
    let order = |sort, reversed| {
        easel.with(|chart| {
            let legend = Legend {
                chart,
                sort,
                reversed,
                top: 0,
            };
            let names = legend
                .order()
                .into_iter()
                .map(|at| chart.curves[at].name.clone());
            names.collect::<Vec<_>>()
        })
    };
    assert_eq!(order(LegendColumn::Last, false), ["web", "api"]);
    assert_eq!(order(LegendColumn::Last, true), ["api", "web"]);
    assert_eq!(order(LegendColumn::Cursor, false), ["api", "web"]);
    assert_eq!(order(LegendColumn::Name, false), ["api", "web"]);
    let table = easel.with(|chart| {
        let area = Rect::new(0, 0, 60, 3);
        let mut buffer = Buffer::empty(area);
        let legend = Legend {
            chart,
            sort: LegendColumn::Last,
            reversed: false,
            top: 0,
        };
        legend.draw(area, &mut buffer);
        text(&buffer)
    });
    insta::assert_snapshot!("chart_legend", format!("{}{table}", easel.drawn(60, 9)));
}

#[test]
fn plain_characters_are_enough() {
    let wave = (0..80).map(|at| Some(3.0 + 2.5 * (f64::from(at) / 8.0).sin()));
    let mut easel = Easel::new(one(wave), 79);
    easel.ascii = true;
    easel.thresholds.push(Threshold {
        value: 4.0,
        bound: Bound::Above,
        health: Health::Warn,
    });
    easel.cursor_ms = Some(NOON + 40 * STEP);
    let drawn = easel.drawn(60, 10);
    assert!(drawn.is_ascii(), "{drawn}");
    insta::assert_snapshot!("chart_ascii", drawn);
}

#[test]
fn times_are_round_where_the_operator_lives() {
    let hour = (NOON + 123_000, NOON + 123_000 + 3_600_000);
    let labels = |zone: &TimeZone, width| {
        let ticks = ticks(hour, width, zone).into_iter();
        ticks.map(|(_, label)| label).collect::<Vec<_>>()
    };
    assert_eq!(
        labels(&TimeZone::UTC, 60),
        ["12:10", "12:20", "12:30", "12:40", "12:50", "13:00"]
    );
    let offset = Offset::from_seconds(5 * 3600 + 1800).unwrap();
    assert_eq!(
        labels(&TimeZone::fixed(offset), 40),
        ["17:45", "18:00", "18:15", "18:30"]
    );
    let month = (NOON, NOON + 30 * 86_400_000);
    let days: Vec<String> = ticks(month, 60, &TimeZone::UTC)
        .into_iter()
        .map(|(_, label)| label)
        .collect();
    assert!(
        days.iter()
            .all(|day| day.contains("Nov") || day.contains("Dec")),
        "{days:?}"
    );
}

#[test]
fn no_size_and_no_value_breaks_it() {
    let wild = [
        0.0,
        -1.0,
        1e300,
        -1e300,
        1e-300,
        f64::NAN,
        f64::MAX,
        f64::MIN,
    ]
    .map(Some);
    let mut easel = Easel::new(one(wild), 7);
    easel.cursor_ms = Some(NOON + STEP);
    easel.thresholds.push(Threshold {
        value: f64::NAN,
        bound: Bound::Below,
        health: Health::Bad,
    });
    for width in 0..30 {
        for height in 0..14 {
            easel.drawn(width, height);
            easel.with(|chart| {
                let area = Rect::new(0, 0, width, height);
                let mut buffer = Buffer::empty(area);
                let legend = Legend {
                    chart,
                    sort: LegendColumn::Max,
                    reversed: false,
                    top: 0,
                };
                legend.draw(area, &mut buffer);
                legend.line(area, &mut buffer);
                strip(
                    Strip {
                        chart,
                        order: &[0],
                        top: 0,
                    },
                    area,
                    &mut buffer,
                );
            });
        }
    }
    easel.steps = 0;
    easel.drawn(40, 10);
}

#[test]
fn a_mouse_over_the_plot_finds_the_moment_that_is_drawn_there() {
    let easel = Easel::new(one((0..60).map(|at| Some(f64::from(at)))), 59);
    easel.with(|chart| {
        let area = Rect::new(0, 0, 70, 10);
        let dots = chart.places(area).dots();
        assert_eq!(chart.moment_at(area, dots.x), Some(NOON));
        assert_eq!(
            chart.moment_at(area, dots.right() - 1),
            Some(NOON + 59 * STEP)
        );
        assert_eq!(chart.moment_at(area, 0), None);
    });
}

#[test]
fn sparklines_and_strips_show_the_highest_of_each_cell() {
    let points = series((0..80).map(|at| Some(if at == 40 { 8.0 } else { 1.0 }))).points;
    let line = spark(&points, (NOON, NOON + 80 * STEP), 8, false);
    assert_eq!(line, "▂▂▂▂█▂▂▂");
    let gap = spark(&points[40..], (NOON, NOON + 80 * STEP), 8, false);
    assert_eq!(gap, "    █▂▂▂");
}

#[test]
fn values_are_written_with_three_digits_and_their_unit() {
    for (unit, number, text) in [
        (Unit::Ratio, 0.2071, "20.7 %"),
        (Unit::Percent, 85.0, "85 %"),
        (Unit::Seconds, 2.3, "2.3 s"),
        (Unit::Seconds, 0.512, "512 ms"),
        (Unit::Seconds, 0.000_25, "250 µs"),
        (Unit::Seconds, 7200.0, "2 h"),
        (Unit::Milliseconds, 512.0, "512 ms"),
        (Unit::Bytes, 6.2 * 1024.0 * 1024.0, "6.2Mi"),
        (Unit::BytesPerSecond, 1024.0, "1Ki/s"),
        (Unit::Number, 1234.0, "1.23k"),
        (Unit::Number, 999.9, "1k"),
        (Unit::PerSecond, 12.34, "12.3/s"),
        (Unit::Cores, 0.003, "3m"),
        (Unit::Cores, 1.5, "1.5"),
        (Unit::Number, f64::NAN, "NaN"),
        (Unit::Number, f64::NEG_INFINITY, "-Inf"),
    ] {
        assert_eq!(value(unit, number), text);
    }
    assert_eq!(tick(Unit::Ratio, 0.0), "0");
}
