//! Which addresses are on the public internet.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address of the private network, where it is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address is in a private network")]
pub(crate) struct PrivateAddress;

impl PrivateAddress {
    /// Whether it is why a request failed.
    pub(crate) fn is_cause_of(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// Whether an address is globally reachable, by the registries of special-purpose addresses (RFC 6890 and its successors).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a == 10
        || a == 127
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        // Protocol assignments, documentation, relays, benchmarks.
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        // Multicast, reserved, broadcast.
        || a >= 224;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    match segments {
        // NAT64 and 6to4 lead to the IPv4 address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(embedded(high, low)),
        [0x2002, high, low, ..] => is_public_v4(embedded(high, low)),
        // Protocol assignments with Teredo, and documentation.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] => false,
        [0x3fff, 0..=0x0fff, ..] => false,
        // Beyond these, only global unicast is assigned: not ::, ::1, ::/96, fc00::/7, fe80::/10, fec0::/10, ff00::/8, 64:ff9b:1::/48.
        _ => (0x2000..=0x3fff).contains(&segments[0]),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("8.8.8.8", true)]
    #[case("100.63.0.1", true)]
    #[case("172.32.0.1", true)]
    #[case("2606:4700::1111", true)]
    #[case("64:ff9b::808:808", true)]
    #[case("0.0.0.0", false)]
    #[case("10.1.2.3", false)]
    #[case("100.100.100.100", false)]
    #[case("169.254.169.254", false)]
    #[case("172.16.0.1", false)]
    #[case("192.168.1.1", false)]
    #[case("198.18.0.1", false)]
    #[case("224.0.0.1", false)]
    #[case("255.255.255.255", false)]
    #[case("::", false)]
    #[case("::1", false)]
    #[case("::127.0.0.1", false)]
    #[case("::ffff:127.0.0.1", false)]
    #[case("64:ff9b::7f00:1", false)]
    #[case("64:ff9b:1::1", false)]
    #[case("2002:7f00:1::", false)]
    #[case("2001::1", false)]
    #[case("fd00::1", false)]
    #[case("fe80::1", false)]
    #[case("fec0::1", false)]
    #[case("ff02::1", false)]
    fn addresses_are_told_apart(#[case] address: IpAddr, #[case] public: bool) {
        assert_eq!(is_public(address), public);
    }
}
