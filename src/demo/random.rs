//! Numbers that look random and are always the same for the same arguments, and the names made from them.

/// A well-mixed number from two.
pub(crate) fn mix(number: u64, salt: u64) -> u64 {
    let mut z = number
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(salt.wrapping_mul(0xd6e8_feb8_6659_fd93))
        .wrapping_add(0x632b_e59b_d9b4_e019);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number from a text, equal on every machine and in every release.
pub(crate) fn hash(text: &str) -> u64 {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    mix(fnv, 1)
}

/// A fraction from 0 up to 1.
pub(crate) fn fraction(number: u64, salt: u64) -> f64 {
    (mix(number, salt) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The alphabet of generated names: no vowels, no look-alikes.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// `length` letters of the alphabet that Kubernetes uses for generated names.
pub(crate) fn letters(mut number: u64, length: usize) -> String {
    (0..length)
        .map(|_| {
            let letter = LETTERS.get((number % 27) as usize).copied().unwrap_or(b'x');
            number /= 27;
            char::from(letter)
        })
        .collect()
}

/// A version 4 UUID from a number.
pub(crate) fn uid(number: u64) -> String {
    let (a, b) = (mix(number, 101), mix(number, 202));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// 64 hexadecimal digits, as of a digest or a container.
pub(crate) fn digest(number: u64) -> String {
    let part = |salt: u64| mix(number, 300 + salt);
    format!(
        "{:016x}{:016x}{:016x}{:016x}",
        part(0),
        part(1),
        part(2),
        part(3)
    )
}
