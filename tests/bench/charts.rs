//! What metrics cost: drawing a full board of charts, and reading a large answer.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput};
use jiff::tz::TimeZone;
use quarterdeck::model::{Health, Labels, Point, Series, Unit};
use quarterdeck::sources::prometheus::decode::decode;
use quarterdeck::ui::theme::Theme;
use quarterdeck::ui::widgets::chart::{
    Bound, Chart, Curve, Legend, LegendColumn, Threshold, curves,
};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const START: i64 = 1_795_262_400_000;
const STEP: i64 = 15_000;
const PANELS: u16 = 12;
const COLUMNS: u16 = 200;
const SERIES: usize = 20;
const POINTS: usize = 400;

/// Runs all of them.
pub(crate) fn all(criterion: &mut Criterion) {
    draw(criterion);
    read(criterion);
}

fn wave(series: usize) -> Series {
    let points = (0..POINTS).map(|at| Point {
        millis: START + at as i64 * STEP,
        value: (series as f64 + 1.0) * (2.0 + (at as f64 / 9.0 + series as f64).sin()),
    });
    Series {
        labels: Labels::default(),
        points: points.collect(),
        histograms: 0,
    }
}

fn draw(criterion: &mut Criterion) {
    let curves: Vec<Curve> =
        curves((0..SERIES).map(|at| (format!("shop-7d9f8b6c5d-{at:05}"), wave(at))));
    let theme = Theme::default();
    let thresholds = [Threshold {
        value: 40.0,
        bound: Bound::Above,
        health: Health::Bad,
    }];
    let chart = Chart {
        curves: &curves,
        selected: None,
        span: (START, START + POINTS as i64 * STEP),
        step_ms: STEP,
        unit: Unit::Bytes,
        thresholds: &thresholds,
        marks: &[],
        cursor_ms: Some(START + 90 * STEP),
        zone: &TimeZone::UTC,
        theme: &theme,
        ascii: false,
    };
    let mut buffer = Buffer::empty(Rect::new(0, 0, COLUMNS, PANELS * 12));
    criterion.bench_function("draw 12 panels of 200 columns and 20 series", |bench| {
        bench.iter(|| {
            buffer.reset();
            for panel in 0..PANELS {
                chart.draw(Rect::new(0, panel * 12, COLUMNS, 11), &mut buffer);
                let legend = Legend {
                    chart: &chart,
                    sort: LegendColumn::Last,
                    reversed: false,
                    top: 0,
                };
                legend.line(Rect::new(0, panel * 12 + 11, COLUMNS, 1), &mut buffer);
            }
            black_box(&buffer);
        });
    });
}

fn read(criterion: &mut Criterion) {
    let mut body =
        String::from("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[");
    let mut series = 0;
    while body.len() < 10_000_000 {
        if series > 0 {
            body.push(',');
        }
        let _ = write!(
            body,
            "{{\"metric\":{{\"namespace\":\"ecommerce-prod\",\"pod\":\"shop-7d9f8b6c5d-{series:05}\"}},\"values\":["
        );
        for at in 0..POINTS as i64 {
            if at > 0 {
                body.push(',');
            }
            let value = (at * 7919 + series) as f64 / 997.0;
            let _ = write!(
                body,
                "[{}.{:03},\"{value}\"]",
                START / 1000 + at * 15,
                series % 1000
            );
        }
        body.push_str("]}");
        series += 1;
    }
    body.push_str("]}}");
    let body = body.into_bytes();
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.sample_size(20);
    group.bench_function("a range answer of 10 MB", |bench| {
        bench.iter(|| black_box(decode(black_box(&body), 0).is_ok()));
    });
    group.finish();
}
