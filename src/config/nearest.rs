//! The name that was probably meant.

/// The nearest of the valid names, if one is near enough to have been meant.
pub fn nearest<'a>(word: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    valid
        .into_iter()
        .filter_map(|name| Some((likeness(&word, &name.to_lowercase())?, name)))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

/// The names that were probably meant, nearest first, at most `count`.
pub fn nearest_few<'a>(
    word: &str,
    valid: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let mut near: Vec<(f64, &str)> = valid
        .into_iter()
        .filter_map(|name| Some((likeness(&word, &name.to_lowercase())?, name)))
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    near.dedup_by(|one, other| one.1 == other.1);
    near.truncate(count);
    near.into_iter().map(|(_, name)| name).collect()
}

/// How alike two words are, 1 being equal; none if one was hardly meant for the other: more than a third of it is
/// different, and it is no abbreviation.
fn likeness(word: &str, name: &str) -> Option<f64> {
    let longer = word.chars().count().max(name.chars().count());
    let distance = strsim::osa_distance(word, name);
    let begins = word.len() >= 2 && name.starts_with(word);
    let alike = 1.0 - distance as f64 / longer.max(1) as f64;
    if begins {
        Some(alike.max(0.8))
    } else {
        (distance * 3 <= longer).then_some(alike)
    }
}
