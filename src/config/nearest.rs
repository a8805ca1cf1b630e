//! The name that was probably meant.

/// The nearest of the valid names, if one is near enough to have been meant.
pub fn nearest<'a>(word: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    valid
        .into_iter()
        .map(|name| (likeness(&word, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.75)
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
        .map(|name| (likeness(&word, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.7)
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    near.dedup_by(|one, other| one.1 == other.1);
    near.truncate(count);
    near.into_iter().map(|(_, name)| name).collect()
}

/// 1 is equal. A beginning of at least two letters counts as near, because words are abbreviated that way.
fn likeness(word: &str, name: &str) -> f64 {
    let typed = strsim::normalized_damerau_levenshtein(word, name)
        .max(strsim::jaro_winkler(word, name) - 0.05);
    if word.len() >= 2 && name.starts_with(word) {
        typed.max(0.9)
    } else {
        typed
    }
}
