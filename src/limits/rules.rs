//! The rules of a host for the addresses and names that scripts may use.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::network;
use crate::constants;

/// What a rule is about.
#[derive(Clone, Debug)]
enum What {
    /// Addresses to connect or send to, or with the flag to bind to: those of the networks, all public ones for `None`.
    Addresses { bind: bool, networks: Option<Vec<RangeInclusive<u128>>>, ports: Vec<RangeInclusive<u16>> },
    /// Names to look up.
    Hosts(Vec<u8>),
    /// Paths and abstract names of Unix sockets.
    Paths(Vec<u8>),
    /// All addresses of a family.
    Family(i64),
    /// Internet sockets of other types and protocols than those of TCP and UDP.
    Raw,
}

/// The rules, each with whether it allows or denies. The first that fits decides; what none fits is denied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules(Vec<(bool, What)>);

impl Rules {
    /// Appends a rule. Fails with a message.
    pub(crate) fn add(&mut self, text: &str) -> Result<(), String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let rule = parse(&words).ok_or_else(|| format!("cannot understand the rule '{text}'"))?;
        self.0.push(rule);
        Ok(())
    }

    fn allow(&self, fits: impl Fn(&What) -> bool) -> bool {
        self.0.iter().find(|(_, what)| fits(what)).is_some_and(|(allows, _)| *allows)
    }

    /// Whether an address may be connected or sent to. Without a port: whether it may with any.
    pub(super) fn allow_destination(&self, address: IpAddr, port: Option<u16>) -> bool {
        self.allow_address(false, network::destination(address), port)
    }

    /// Whether an address may be bound to.
    pub(super) fn allow_bind(&self, address: IpAddr, port: u16) -> bool {
        self.allow_address(true, network::meant(address), Some(port))
    }

    fn allow_address(&self, binds: bool, address: IpAddr, port: Option<u16>) -> bool {
        let bits = network::bits(address);
        self.allow(|what| {
            let What::Addresses { bind, networks, ports } = what else { return false };
            let placed = match networks {
                None => network::is_public(bits),
                Some(networks) => networks.iter().any(|network| network.contains(&bits)),
            };
            let fits = |port| ports.is_empty() || ports.iter().any(|range| range.contains(&port));
            *bind == binds && placed && port.is_none_or(fits)
        })
    }

    /// Whether a name may be looked up.
    pub(super) fn allow_host(&self, name: &[u8]) -> bool {
        let name = name.strip_suffix(b".").unwrap_or(name);
        self.allow(|what| matches!(what, What::Hosts(pattern) if matches(pattern, name)))
    }

    /// Whether a Unix socket may be bound or connected to this path, in which an abstract name begins with `@`.
    pub(super) fn allow_path(&self, path: &[u8]) -> bool {
        self.allow(|what| match what {
            What::Paths(pattern) => match pattern.strip_suffix(b"*") {
                Some(start) => path.starts_with(start),
                None => path == pattern,
            },
            _ => false,
        })
    }

    /// Whether all addresses of a family may be used.
    pub(super) fn allow_family(&self, family: i32) -> bool {
        self.allow(|what| matches!(what, What::Family(allowed) if *allowed == i64::from(family)))
    }

    pub(super) fn allow_raw(&self) -> bool {
        self.allow(|what| matches!(what, What::Raw))
    }
}

fn parse(words: &[&str]) -> Option<(bool, What)> {
    let (verb, rest) = words.split_first()?;
    let allows = match *verb {
        "allow" => true,
        "deny" => false,
        _ => return None,
    };
    let what = match rest {
        ["host", pattern] => What::Hosts(pattern.bytes().collect()),
        ["unix", path] => What::Paths(path.bytes().collect()),
        ["family", name] => What::Family(constants::value(name).filter(|_| name.starts_with("AF_"))?),
        ["raw"] => What::Raw,
        ["bind", rest @ ..] => addresses(true, rest)?,
        rest => addresses(false, rest)?,
    };
    Some((allows, what))
}

fn addresses(bind: bool, words: &[&str]) -> Option<What> {
    let (place, ports) = match words {
        [place] => (place, Vec::new()),
        [place, "port", ports] => (place, ports.split(',').map(range).collect::<Option<_>>()?),
        _ => return None,
    };
    let networks = || network::of_word(place).or_else(|| network::parse(place).map(|network| vec![network]));
    let networks = if *place == "public" { None } else { Some(networks()?) };
    Some(What::Addresses { bind, networks, ports })
}

/// `80`, `8000-8010`, `1024-`.
fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (first, last) = match text.split_once('-') {
        Some((first, "")) => (number(first)?, u16::MAX),
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    (first <= last).then_some(first..=last)
}

/// Whether a name fits a pattern: the same letters in either case, or what the pattern has behind its leading `*`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.strip_prefix(b"*") {
        Some(end) => name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end),
        None => name.eq_ignore_ascii_case(pattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(texts: &[&str]) -> Rules {
        let mut rules = Rules::default();
        texts.iter().for_each(|text| rules.add(text).unwrap());
        rules
    }

    fn reaches(texts: &[&str], address: &str) -> bool {
        let address: std::net::SocketAddr = address.parse().unwrap();
        rules(texts).allow_destination(address.ip(), Some(address.port()))
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let texts = ["deny 10.1.0.0/16", "allow 10.0.0.0/8 port 80,8000-8010", "deny private", "allow public"];
        for (address, allowed) in [
            ("10.1.0.1:80", false),
            ("10.2.0.1:80", true),
            ("10.2.0.1:8010", true),
            ("10.2.0.1:81", false),
            ("192.168.1.1:80", false),
            ("1.1.1.1:53", true),
            ("127.0.0.1:80", false),
            ("[::ffff:10.2.0.1]:80", true),
            ("[::1]:80", false),
        ] {
            assert_eq!(reaches(&texts, address), allowed, "{address}");
        }
        assert!(!reaches(&[], "127.0.0.1:1") && reaches(&["allow any"], "[ff02::1]:1"));
    }

    #[test]
    fn each_form_of_a_rule_is_about_its_own() {
        let rules = rules(&["allow loopback", "allow host *.example.org", "allow unix /run/app/*", "allow unix @app"]);
        let local = "127.0.0.1".parse().unwrap();
        assert!(rules.allow_destination(local, Some(1)) && !rules.allow_bind(local, 1));
        assert!(rules.allow_host(b"www.EXAMPLE.org") && rules.allow_host(b"a.example.org."));
        assert!(!rules.allow_host(b"example.org") && !rules.allow_host(b"example.org.evil"));
        assert!(rules.allow_path(b"/run/app/x") && rules.allow_path(b"@app"));
        assert!(!rules.allow_path(b"/run/app") && !rules.allow_path(b"@app2") && !rules.allow_path(b""));
        assert!(!rules.allow_raw() && !rules.allow_family(16));
    }

    #[test]
    fn all_interfaces_are_no_single_one() {
        let rules = rules(&["allow bind loopback port 0,1024-", "allow bind 0.0.0.0 port 80"]);
        assert!(rules.allow_bind("127.0.0.1".parse().unwrap(), 0) && rules.allow_bind("::1".parse().unwrap(), 1024));
        assert!(!rules.allow_bind("127.0.0.1".parse().unwrap(), 80));
        assert!(!rules.allow_bind("0.0.0.0".parse().unwrap(), 0) && !rules.allow_bind("::".parse().unwrap(), 0));
        assert!(rules.allow_bind("0.0.0.0".parse().unwrap(), 80));
    }

    #[test]
    fn what_cannot_be_understood_is_an_error() {
        for text in [
            "",
            "allow",
            "permit any",
            "allow localhost",
            "allow 10.0.0.1/8",
            "allow any port",
            "allow any port 80-70",
            "allow any port 65536",
            "allow any port +1",
            "allow any port 80 81",
            "allow family 16",
            "allow raw port 1",
            "allow host",
            "allow bind",
            "allow unix a b",
            "allow family SOCK_RAW",
        ] {
            assert!(Rules::default().add(text).is_err(), "{text}");
        }
    }
}
