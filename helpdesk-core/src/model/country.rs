//! The country that a browser's time zone lies in: a hint, no more.

const TABLE: &str = include_str!("zone_country.tsv");

/// The ISO 3166 country code of an IANA time zone; none for zones that are no place (`UTC`) or unknown.
#[must_use]
pub fn country_of_time_zone(zone: &str) -> Option<&'static str> {
    TABLE.lines().filter_map(|line| line.split_once('\t')).find(|(name, _)| *name == zone).map(|(_, country)| country)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_names_its_country() {
        assert_eq!(country_of_time_zone("Europe/Amsterdam"), Some("NL"));
        assert_eq!(country_of_time_zone("Asia/Tokyo"), Some("JP"));
        assert_eq!(country_of_time_zone("UTC"), None);
        assert_eq!(country_of_time_zone(""), None);
    }
}
