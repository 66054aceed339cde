//! IP networks, given as numbers or as words such as `private`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

/// The networks of each word.
const WORDS: &[(&str, &[&str])] = &[
    ("loopback", &["127.0.0.0/8", "::1"]),
    ("private", &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"]),
    ("link_local", &["169.254.0.0/16", "fe80::/10"]),
    ("multicast", &["224.0.0.0/4", "ff00::/8"]),
    ("any", &["::/0"]),
];

/// Reserved networks, and those that are translated to other addresses (6to4, Teredo, NAT64): never `public`.
const RESERVED: &[&str] = &[
    "0.0.0.0/8",
    "192.0.0.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "240.0.0.0/4",
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
];

/// The bits of an address. Those of IPv4 are mapped into IPv6.
pub(super) fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The IPv4 address in an IPv4-mapped one or one of NAT64, to which packets go; another address as it is.
pub(super) fn meant(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.segments() {
            [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)).into()
            }
            _ => address,
        },
        IpAddr::V4(_) => address,
    }
}

/// The same for a destination, where the unspecified address is this machine.
pub(super) fn destination(address: IpAddr) -> IpAddr {
    match meant(address) {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

/// The addresses of a network: a single one, or those that begin with the bits of a prefix. `None` for another text, and
/// where bits behind the prefix are set.
pub(super) fn parse(text: &str) -> Option<RangeInclusive<u128>> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length: u32 = match length {
        // Digits only: no sign.
        Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => length.parse().ok()?,
        Some(_) => return None,
        None => most,
    };
    let behind = u128::MAX.checked_shr(length.checked_add(128 - most)?).unwrap_or(0);
    let start = bits(address);
    (length <= most && start & behind == 0).then_some(start..=start | behind)
}

/// The networks of a word; `public` is not one of them.
pub(super) fn of_word(word: &str) -> Option<Vec<RangeInclusive<u128>>> {
    let (_, texts) = WORDS.iter().find(|(name, _)| *name == word)?;
    texts.iter().map(|text| parse(text)).collect()
}

/// Whether an address is in the public Internet, as far as its number tells.
pub(super) fn is_public(address: u128) -> bool {
    let special = WORDS.iter().filter(|(word, _)| *word != "any").flat_map(|(_, texts)| *texts);
    !special.chain(RESERVED).filter_map(|text| parse(text)).any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(network: &str, address: &str) -> bool {
        parse(network).unwrap().contains(&bits(destination(address.parse().unwrap())))
    }

    #[test]
    fn a_network_has_the_addresses_of_its_prefix() {
        assert!(has("10.0.0.0/8", "10.255.0.1") && !has("10.0.0.0/8", "11.0.0.0"));
        assert!(has("192.0.2.7", "192.0.2.7") && !has("192.0.2.7", "192.0.2.6"));
        assert!(has("0.0.0.0/0", "255.255.255.255") && !has("0.0.0.0/0", "2001:db8::1"));
        assert!(has("::/0", "10.0.0.1") && has("2001:db8::/33", "2001:db8:7fff::1"));
        assert!(!has("2001:db8::/33", "2001:db8:8000::"));
    }

    #[test]
    fn an_address_in_another_form_is_the_same() {
        for form in ["::ffff:10.0.0.1", "64:ff9b::10.0.0.1"] {
            assert!(has("10.0.0.0/8", form) && !has("11.0.0.0/8", form), "{form}");
        }
        assert!(has("127.0.0.0/8", "0.0.0.0") && has("::1", "::") && has("127.0.0.0/8", "::ffff:0.0.0.0"));
    }

    #[test]
    fn other_texts_are_no_networks() {
        for text in ["", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "::1/0", "::/129", "::/+1", "01.2.3.4", "a/8"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_special_is_not_public() {
        let public = |text: &str| is_public(bits(destination(text.parse().unwrap())));
        for text in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::1.1.1.1"] {
            assert!(public(text), "{text}");
        }
        for text in [
            "127.0.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "10.1.1.1",
            "172.31.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "100.64.0.1",
            "198.19.0.1",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2002:7f00:1::",
            "64:ff9b::10.0.0.1",
            "2001:0:1::",
        ] {
            assert!(!public(text), "{text}");
        }
    }
}
