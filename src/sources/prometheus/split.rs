//! Takes the expression of a rule apart: what is watched, and where it becomes an alert.

use promql_parser::parser::token::{
    T_ADD, T_DIV, T_EQLC, T_GTE, T_GTR, T_LSS, T_LTE, T_MUL, T_NEQ, T_SUB, TokenType,
};
use promql_parser::parser::{self, Expr};

use crate::model::{Limit, Name, Text, Unit};

/// Metrics that say whether something is there.
const UP: [&str; 5] = ["up", "pg_up", "redis_up", "nginx_up", "probe_success"];

/// None if it cannot be parsed or compares nothing.
pub fn split(expr: &str) -> Option<Limit> {
    compare(&parser::parse(expr).ok()?)
}

fn compare(expr: &Expr) -> Option<Limit> {
    match expr {
        Expr::Paren(paren) => compare(&paren.expr),
        Expr::Binary(binary) => {
            let Some(sign) = sign(binary.op) else {
                // Of several conditions the first is what the rule is mainly about.
                return compare(&binary.lhs).or_else(|| compare(&binary.rhs));
            };
            let (left, right) = (&*binary.lhs, &*binary.rhs);
            match (number(left), number(right)) {
                // `0.9 < x`
                (Some(bound), None) => Some(limit(right, turned(sign), Some(bound), left)),
                (_, bound) => Some(limit(left, sign, bound, right)),
            }
        }
        _ => None,
    }
}

fn limit(left: &Expr, sign: &'static str, bound: Option<f64>, right: &Expr) -> Limit {
    let text = left.to_string();
    let watched = text.split(['{', ' ']).next().unwrap_or_default();
    Limit {
        unit: unit(left, &text, bound),
        up: UP.contains(&watched),
        left: Text::from(text),
        operator: Name::new(sign),
        bound,
        right: Text::from(right.to_string()),
    }
}

fn sign(operator: TokenType) -> Option<&'static str> {
    Some(match operator.id() {
        T_GTR => ">",
        T_GTE => ">=",
        T_LSS => "<",
        T_LTE => "<=",
        T_EQLC => "==",
        T_NEQ => "!=",
        _ => return None,
    })
}

fn turned(sign: &'static str) -> &'static str {
    match sign {
        ">" => "<",
        ">=" => "<=",
        "<" => ">",
        "<=" => ">=",
        same => same,
    }
}

/// A number, or arithmetic on numbers.
fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(paren) => number(&paren.expr),
        Expr::Unary(unary) => number(&unary.expr).map(|value| -value),
        Expr::Binary(binary) => {
            let (left, right) = (number(&binary.lhs)?, number(&binary.rhs)?);
            match binary.op.id() {
                T_ADD => Some(left + right),
                T_SUB => Some(left - right),
                T_MUL => Some(left * right),
                T_DIV => Some(left / right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What a value counts, by the names of metrics and by how it is worked out.
fn unit(expr: &Expr, text: &str, bound: Option<f64>) -> Unit {
    let says = |word: &str| text.contains(word);
    if is_share(expr) && bound.is_none_or(|bound| (0.0..=1.0).contains(&bound)) {
        return Unit::Ratio;
    }
    let counted = says("_count") || says("_total");
    if says("seconds") && !counted {
        Unit::Seconds
    } else if says("_bytes") && !counted && !is_share(expr) {
        Unit::Bytes
    } else {
        Unit::Number
    }
}

/// Whether it is a part of a whole: a quotient, or what such a one leaves of 1.
fn is_share(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_share(&paren.expr),
        Expr::Binary(binary) => match binary.op.id() {
            T_DIV => number(&binary.rhs).is_none(),
            T_SUB => {
                number(&binary.lhs) == Some(1.0)
                    && (is_share(&binary.rhs) || binary.rhs.to_string().contains("mode=\"idle\""))
            }
            _ => false,
        },
        _ => false,
    }
}
