//! The host: its machine and its disk; and what runs in a container.

use serde_json::Value;

use crate::model::{Health, Section};
use crate::sources::kubernetes::describe::sheet::Sheet;
use crate::sources::kubernetes::json::{list, number, said, word, words, yes};

/// Processes that are shown.
const PROCESSES: usize = 60;

pub(super) fn host(sheet: &mut Sheet, object: &Value) {
    sheet.section("Docker host");
    sheet.fact("Name", word(object, "/Name"));
    sheet.fact("Version", word(object, "/ServerVersion"));
    sheet.fact("System", word(object, "/OperatingSystem"));
    sheet.fact("Kernel", word(object, "/KernelVersion"));
    sheet.fact("CPUs", said(object, "/NCPU"));
    sheet.fact(
        "Memory",
        bytes(number(object, "/MemTotal").unwrap_or_default()),
    );
    sheet.fact("Storage", word(object, "/Driver"));
    sheet.fact("Folder", word(object, "/DockerRootDir"));
    sheet.fact("Cgroups", said(object, "/CgroupVersion"));
    sheet.fact("Log driver", word(object, "/LoggingDriver"));
    sheet.section("Containers");
    sheet.fact("Running", said(object, "/ContainersRunning"));
    sheet.fact("Paused", said(object, "/ContainersPaused"));
    sheet.fact("Stopped", said(object, "/ContainersStopped"));
    sheet.section("Swarm");
    sheet.fact("State", word(object, "/Swarm/LocalNodeState"));
    let manager = yes(object, "/Swarm/ControlAvailable");
    sheet.fact("Manager", if manager { "yes" } else { "no" });
    sheet.flag("Error", word(object, "/Swarm/Error"), Health::Bad);
    sheet.section("Warnings");
    for warning in words(object, "/Warnings") {
        sheet.flag("", warning.trim_start_matches("WARNING: "), Health::Warn);
    }
}

/// What runs in a container now.
pub(in crate::sources::docker) fn processes(top: &Value) -> Vec<Section> {
    let titles = words(top, "/Titles");
    let at = |names: &[&str]| {
        titles
            .iter()
            .position(|title| names.contains(&title.as_str()))
    };
    let (pid, user) = (at(&["PID"]), at(&["USER", "UID"]));
    let (time, command) = (at(&["TIME"]), at(&["CMD", "COMMAND"]));
    let mut sheet = Sheet::default();
    let all = list(top, "/Processes");
    sheet.section(&format!("Processes ({})", all.len()));
    for process in all.iter().take(PROCESSES) {
        let cell = |at: Option<usize>| {
            let cell = at.and_then(|at| process.get(at)).and_then(Value::as_str);
            cell.unwrap_or_default().to_owned()
        };
        let value = format!("{}  {}  {}", cell(user), cell(time), cell(command));
        sheet.fact(&cell(pid), value.trim());
    }
    sheet.finish()
}

/// What fills the disk, and what of it could go.
pub(in crate::sources::docker) fn disk(df: &Value) -> Vec<Section> {
    let mut sheet = Sheet::default();
    sheet.section("Disk");
    let sum = |items: &[Value], path: &str| -> i64 {
        let sizes = items.iter().filter_map(|item| number(item, path));
        sizes.filter(|size| *size > 0).sum()
    };
    let images = list(df, "/Images");
    let unused: Vec<Value> = images
        .iter()
        .filter(|image| number(image, "/Containers") == Some(0))
        .cloned()
        .collect();
    let volumes = list(df, "/Volumes");
    let idle: Vec<Value> = volumes
        .iter()
        .filter(|volume| number(volume, "/UsageData/RefCount") == Some(0))
        .cloned()
        .collect();
    let containers = list(df, "/Containers");
    let cache = list(df, "/BuildCache");
    let layers = number(df, "/LayersSize").unwrap_or_else(|| sum(images, "/Size"));
    let parts = [
        ("Images", layers, sum(&unused, "/Size")),
        ("Containers", sum(containers, "/SizeRw"), 0),
        (
            "Volumes",
            sum(volumes, "/UsageData/Size"),
            sum(&idle, "/UsageData/Size"),
        ),
        ("Build cache", sum(cache, "/Size"), 0),
    ];
    let most = parts
        .iter()
        .map(|(_, size, _)| *size)
        .max()
        .unwrap_or_default();
    for (label, size, unused) in parts {
        let bar = bar(size, most);
        let rest = if unused > 0 {
            format!("  {} of it unused", bytes(unused))
        } else {
            String::new()
        };
        sheet.fact(label, format!("{bar} {:>9}{rest}", bytes(size)));
    }
    sheet.finish()
}

/// A bar of ten cells.
fn bar(part: i64, whole: i64) -> String {
    let filled = if whole > 0 {
        (part * 10 + whole / 2) / whole
    } else {
        0
    };
    let filled = usize::try_from(filled).unwrap_or_default().min(10);
    format!("{}{}", "█".repeat(filled), "░".repeat(10 - filled))
}

/// A size in bytes for reading: `6.1 MB`, in thousands as the docker command counts.
pub(super) fn bytes(size: i64) -> String {
    let mut size = size.max(0) as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if size < 1000.0 {
            let digits = usize::from(unit != "B" && size < 100.0);
            return format!("{size:.digits$} {unit}");
        }
        size /= 1000.0;
    }
    format!("{size:.1} TB")
}
