//! Amounts of CPU and memory, and Kubernetes' way of writing them.

/// A Kubernetes quantity in thousandths of its unit: `250m` is 250, `1` is 1000, `64Mi` is 67,108,864,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    pub milli: i128,
}

/// CPU and memory asked for, allowed or used. Zero means none was stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allotment {
    pub cpu_millicores: u32,
    pub memory_bytes: u64,
}

impl Quantity {
    /// Reads `100m`, `1.5`, `64Mi`, `1e3`, `2k`; none if it is not a quantity. Parts below a thousandth round up, as
    /// Kubernetes does. Source: k8s.io/apimachinery/pkg/api/resource, "Quantity".
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let split = text
            .find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-'))
            .unwrap_or(text.len());
        let (number, suffix) = text.split_at_checked(split)?;
        let (mut mantissa, mut scale) = digits(number)?;
        let factor: i128 = match suffix {
            "" => 1,
            "Ki" => 1 << 10,
            "Mi" => 1 << 20,
            "Gi" => 1 << 30,
            "Ti" => 1 << 40,
            "Pi" => 1 << 50,
            "Ei" => 1 << 60,
            "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" => {
                scale -= match suffix {
                    "n" => -9,
                    "u" => -6,
                    "m" => -3,
                    "k" => 3,
                    "M" => 6,
                    "G" => 9,
                    "T" => 12,
                    "P" => 15,
                    _ => 18,
                };
                1
            }
            exponent => {
                let digits = exponent.strip_prefix(['e', 'E'])?;
                scale -= digits
                    .parse::<i32>()
                    .ok()
                    .filter(|e| (-18..=18).contains(e))?;
                1
            }
        };
        mantissa = mantissa.checked_mul(factor)?;
        // value = mantissa / 10^scale; in thousandths: mantissa / 10^(scale - 3)
        scale -= 3;
        let power = 10_i128.checked_pow(scale.unsigned_abs())?;
        let milli = if scale <= 0 {
            mantissa.checked_mul(power)?
        } else {
            mantissa.checked_add(if mantissa > 0 { power - 1 } else { 0 })? / power
        };
        Some(Self { milli })
    }

    /// As CPU, in thousandths of a core; at most `u32::MAX`, at least 0.
    pub fn millicores(self) -> u32 {
        u32::try_from(self.milli.max(0)).unwrap_or(u32::MAX)
    }

    /// As bytes, rounded up; at least 0.
    pub fn bytes(self) -> u64 {
        u64::try_from(self.milli.max(0).saturating_add(999) / 1000).unwrap_or(u64::MAX)
    }
}

/// The digits of a decimal number and how many of them stand behind the point.
fn digits(number: &str) -> Option<(i128, i32)> {
    let (sign, rest) = match number.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() + fraction.len() > 30 {
        return None;
    }
    let mut value: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        value = value * 10 + i128::from(byte.is_ascii_digit().then(|| byte - b'0')?);
    }
    Some((sign * value, i32::try_from(fraction.len()).ok()?))
}

impl std::ops::AddAssign for Allotment {
    fn add_assign(&mut self, other: Self) {
        self.cpu_millicores = self.cpu_millicores.saturating_add(other.cpu_millicores);
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
    }
}
