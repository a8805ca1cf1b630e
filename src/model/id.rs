//! Identity: which endpoint, which object. Selections, marks and actions hold these, never a row number.

use std::fmt;

use super::{Kind, Name};

/// An endpoint's place in the list of endpoints of this run; never reused while running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(pub u16);

/// An object's unique id. Kubernetes gives a UUID, which is kept exactly; anything else is kept as a 128-bit hash.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid([u8; 16]);

/// The identity of a row: the same uid seen through two endpoints is two rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub endpoint: EndpointId,
    pub uid: Uid,
}

/// An object that can be opened or acted on. `uid` is known when the object was seen, and pins it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    pub endpoint: EndpointId,
    pub kind: Kind,
    /// Empty for kinds without a namespace.
    pub namespace: Name,
    pub name: Name,
    pub uid: Option<Uid>,
}

impl Uid {
    /// Reads a UUID; any other text is hashed (FNV-1a, 128 bits).
    pub fn parse(text: &str) -> Self {
        Self::uuid(text).unwrap_or_else(|| Self::hash(text))
    }

    /// A stable id for things that have none of their own, such as a container of a pod.
    pub fn hash(text: &str) -> Self {
        let mut state: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for byte in text.bytes() {
            state ^= u128::from(byte);
            state = state.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        Self(state.to_be_bytes())
    }

    /// The 16 bytes, which are evenly spread and so serve as a hash.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }

    fn uuid(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return None;
        }
        let mut out = [0; 16];
        let mut digits = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(at, 8 | 13 | 18 | 23) {
                if *byte != b'-' {
                    return None;
                }
                continue;
            }
            // Capital digits would not come back as they were written.
            let value = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                _ => return None,
            };
            let slot: &mut u8 = out.get_mut(digits / 2)?;
            *slot = *slot << 4 | value;
            digits += 1;
        }
        Some(Self(out))
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
