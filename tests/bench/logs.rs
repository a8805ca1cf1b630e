//! What logs cost, on a million JSON lines that are made here: taking them in, filtering, searching, going to a line. The
//! floor of each is the memory that has to be read: `memchr` for line ends over the same bytes.

#![allow(clippy::panic)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput};
use quarterdeck::config::Config;
use quarterdeck::logs::{Filter, Intake, Logbook, Walk, time};
use quarterdeck::model::{
    EndpointId, Key, Kind, LogBatch, LogBlock, LogChange, LogFlags, LogLevel, LogReading,
    LogStream, Moment, Name, Target, Text, Uid,
};
use quarterdeck::store::Store;
use quarterdeck::ui::{Input, Start, Ui};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const LINES: usize = 1_000_000;
const SOURCES: usize = 50;
const MUCH: usize = 1 << 30;
/// Lines that arrive between two frames at 500,000 a second.
const FRAME: usize = 25_000;

/// Runs all of them.
pub(crate) fn all(criterion: &mut Criterion) {
    let corpus = corpus();
    let mut group = criterion.benchmark_group("logs");
    group.sample_size(10);
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("floor: line ends of a million lines", |bench| {
        bench.iter(|| memchr::memchr_iter(b'\n', black_box(&corpus)).count());
    });
    group.bench_function("floor: a literal in a million lines", |bench| {
        bench.iter(|| memchr::memmem::find_iter(black_box(&corpus), "gateway timeout").count());
    });
    group.bench_function("read format and level", |bench| {
        bench.iter(|| blocks(&corpus, 1).len());
    });
    group.bench_function("ingest: read, keep, pack, one expression", |bench| {
        bench.iter(|| ingest(&corpus, 1, "time(out|d out)").len());
    });
    group.bench_function(
        "ingest from 50 sources, drawing 160×50 at 20 frames a second",
        |bench| {
            bench.iter(|| run(&corpus));
        },
    );
    group.finish();
    find(criterion, &corpus);
}

/// What is asked of lines that are there.
fn find(criterion: &mut Criterion, corpus: &[u8]) {
    let mut group = criterion.benchmark_group("logs");
    group.sample_size(10);
    let mut book = ingest(corpus, SOURCES, "");
    println!(
        "logs/memory: {:.1} MB for {} lines of {} bytes",
        book.bytes() as f64 / 1e6,
        book.len(),
        corpus.len() / LINES
    );
    let questions: [(&str, &str, LogLevel); 6] = [
        ("level", "", LogLevel::Error),
        ("literal, any case", "gateway", LogLevel::Unknown),
        ("literal, rare", "GW-77", LogLevel::Unknown),
        (
            "expression with literals",
            "time(out|d out)",
            LogLevel::Unknown,
        ),
        (
            "expression without literals",
            "[0-9]{3}ms [a-f]+[0-9]",
            LogLevel::Unknown,
        ),
        ("field", "status>=500", LogLevel::Unknown),
    ];
    for (name, text, floor) in questions {
        let filter = filter(text, floor);
        group.bench_function(format!("filter complete: {name}"), |bench| {
            bench.iter(|| {
                book.set_filter(Filter::default(), None);
                book.set_filter(filter.clone(), None);
                while book.has_work() {
                    book.work(10_000);
                }
                black_box(book.has_work())
            });
        });
        group.bench_function(format!("filter first screen: {name}"), |bench| {
            bench.iter(|| {
                book.set_filter(Filter::default(), None);
                book.set_filter(filter.clone(), None);
                book.work(10_000);
                book.settle();
                book.before(None, 50, &Walk::default()).len()
            });
        });
    }
    book.set_filter(Filter::default(), None);
    book.settle();
    group.bench_function("go to a line by number", |bench| {
        let mut number = 0;
        bench.iter(|| {
            number = (number + 618_033) % LINES;
            book.nth(number)
        });
    });
    group.bench_function("go to a time and read a screen", |bench| {
        let mut number = 0;
        bench.iter(|| {
            number = (number + 618_033) % LINES;
            let id = book.at_time(moment(number), &Walk::default());
            let ids = book.after(id, true, 50, &Walk::default());
            book.read(&ids).len()
        });
    });
    book.set_search(filter("GW-77", LogLevel::Unknown), None);
    while book.has_work() {
        book.work(100_000);
    }
    book.settle();
    group.bench_function("next hit of a search", |bench| {
        let mut at = None;
        bench.iter(|| {
            at = book.next_hit(at, false, &Walk::default());
            at
        });
    });
    group.bench_function("histogram of 200 stretches", |bench| {
        bench.iter(|| book.histogram((moment(0), moment(LINES)), 200, true).len());
    });
    group.bench_function("kinds of lines", |bench| {
        bench.iter_batched(
            || (),
            |()| {
                book.set_patterns(false);
                book.set_patterns(true);
                while book.has_work() {
                    book.work(100_000);
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn filter(text: &str, floor: LogLevel) -> Filter {
    let mut filter = Filter::parse(text).unwrap_or_else(|problem| panic!("{problem}"));
    filter.floor = floor;
    filter
}

fn moment(line: usize) -> i64 {
    1_795_751_401 * time::SECOND + line as i64 * 50_000
}

/// Lines as a shop writes them: about 150 bytes each, of which ids and numbers change.
fn corpus() -> Vec<u8> {
    let mut out = Vec::with_capacity(LINES * 160);
    let mut state: u64 = 7;
    for line in 0..LINES {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let random = state >> 33;
        let (level, message, status) = match random % 100 {
            0 => ("error", "gateway timeout", 502),
            1 => ("error", "order rejected", 500),
            2..6 => ("warn", "slow answer", 200),
            6..20 => ("debug", "cache miss", 200),
            _ => ("info", "order placed", 200),
        };
        let rare = if line % 50_000 == 7 { "GW-77" } else { "GW-12" };
        let text = format!(
            "{{\"level\":\"{level}\",\"message\":\"{message}\",\"status\":{status},\"took\":\"{}ms\",\"via\":\"{rare}\",\"order\":{},\"trace_id\":\"{:08x}{:08x}\"}}\n",
            random % 900,
            random % 1_000_000,
            random as u32,
            (state >> 7) as u32,
        );
        out.extend_from_slice(text.as_bytes());
    }
    out
}

/// The corpus as its sources hand it over.
fn blocks(corpus: &[u8], sources: usize) -> Vec<(usize, LogBlock)> {
    let mut intakes: Vec<Intake> = (0..sources).map(|_| Intake::new()).collect();
    let mut out = Vec::new();
    let mut from = 0;
    for (number, end) in memchr::memchr_iter(b'\n', corpus).enumerate() {
        let source = number % sources;
        let line = corpus.get(from..end).unwrap_or_default();
        from = end + 1;
        if let Some(intake) = intakes.get_mut(source) {
            intake.push(line, Some(moment(number)), 0, LogFlags::NONE);
            if intake.is_full()
                || (sources > 1 && (number / sources).is_multiple_of(FRAME / SOURCES))
            {
                out.push((source, intake.take()));
            }
        }
    }
    for (source, mut intake) in intakes.into_iter().enumerate() {
        out.push((source, intake.take()));
    }
    out
}

fn key(source: usize) -> Key {
    Key {
        endpoint: EndpointId(0),
        uid: Uid::hash(&format!("{source}")),
    }
}

fn batch(changes: Vec<LogChange>) -> LogBatch {
    LogBatch {
        reading: LogReading(1),
        endpoint: EndpointId(0),
        changes,
    }
}

fn streams(sources: usize) -> LogBatch {
    let streams = (0..sources).map(|source| {
        let name = format!("shop-7d9f8b6c5d-{source:05}");
        LogChange::Stream(Box::new(LogStream {
            key: key(source),
            object: target(&name),
            container: Name::new("shop"),
            label: Text::new(&name),
            command: Text::default(),
        }))
    });
    batch(streams.collect())
}

fn target(name: &str) -> Target {
    Target {
        endpoint: EndpointId(0),
        kind: Kind::Pod,
        namespace: Name::new("shop"),
        name: Name::new(name),
        uid: None,
    }
}

fn ingest(corpus: &[u8], sources: usize, text: &str) -> Logbook {
    let mut book = Logbook::new(MUCH);
    book.apply(streams(sources));
    book.set_filter(filter(text, LogLevel::Unknown), None);
    for (source, block) in blocks(corpus, sources) {
        book.apply(batch(vec![LogChange::Lines(key(source), block)]));
    }
    book
}

/// The whole program without its terminal: every line read, kept and shown while it comes.
fn run(corpus: &[u8]) -> usize {
    let mut store = Store::default();
    let mut ui = Ui::new(&Config::default(), Start::default());
    let now = Moment::from_second(1_795_751_450).unwrap_or_else(|| panic!("a moment"));
    ui.handle(&store, Input::Resize(160, 50), now);
    ui.read_logs(
        "50 sources",
        vec![quarterdeck::model::LogTarget::Object(target("shop"))],
    );
    store.look(ui.looks());
    store.apply_logs(streams(SOURCES));
    let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 50));
    let mut lines = 0;
    let mut frames = 0;
    for (source, block) in blocks(corpus, SOURCES) {
        lines += block.lines.len();
        store.apply_logs(batch(vec![LogChange::Lines(key(source), block)]));
        if lines / FRAME > frames {
            frames = lines / FRAME;
            store.look(ui.looks());
            store.settle_logs();
            ui.prepare(&store, now, true);
            ui.draw(&store, now, &mut buffer);
        }
    }
    lines
}
