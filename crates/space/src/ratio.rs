//! The quotient of two big numbers as a float.

use num_bigint::BigUint;
use num_traits::{ToPrimitive, Zero};

/// `part / whole`, rounded once, for `part <= whole`. Only equal numbers give 1 and only a zero part (or a zero
/// whole) gives 0.
pub(crate) fn share(part: &BigUint, whole: &BigUint) -> f64 {
    if part.is_zero() || whole.is_zero() {
        return 0.0;
    }
    if part >= whole {
        return 1.0;
    }
    // Enough bits for the quotient to have at least 64, twelve more than a float keeps; what is lost below
    // them only matters for ties, so one sticky bit stands for it.
    let shift = 65 + whole.bits() - part.bits();
    let scaled = part << shift;
    let mut quotient = &scaled / whole;
    if &quotient * whole != scaled {
        quotient = (quotient << 1u8) | BigUint::from(1u8);
    } else {
        quotient <<= 1u8;
    }
    let exponent = i32::try_from(shift + 1).unwrap_or(i32::MAX);
    let share = quotient.to_f64().unwrap_or(1.0) * 2f64.powi(-exponent);
    share.min(1.0f64.next_down())
}
