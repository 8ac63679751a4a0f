//! Friendly names for contacts whose name is not known yet.

use crate::id::ContactId;

const MOODS: [&str; 32] = [
    "Amiable", "Brave", "Breezy", "Calm", "Candid", "Cheerful", "Curious", "Dapper", "Eager", "Eerie", "Fearless", "Gentle", "Giddy",
    "Humble", "Jolly", "Keen", "Lively", "Lucky", "Mellow", "Merry", "Nimble", "Patient", "Placid", "Quiet", "Quirky", "Serene", "Sincere",
    "Sunny", "Swift", "Tidy", "Witty", "Zesty",
];

const COLOURS: [&str; 32] = [
    "Amber", "Apricot", "Azure", "Beige", "Bronze", "Cedar", "Cerise", "Cobalt", "Copper", "Coral", "Crimson", "Cyan", "Ebony", "Emerald",
    "Fern", "Fuchsia", "Indigo", "Ivory", "Jade", "Lavender", "Lilac", "Magenta", "Maroon", "Mint", "Ochre", "Olive", "Pearl", "Plum",
    "Ruby", "Saffron", "Sienna", "Teal",
];

/// The pseudonym of a contact: the same for the same id, for ever.
#[must_use]
pub fn pseudonym(contact: ContactId) -> String {
    // The last bytes of a UUID of version 7 are random, the first are the time.
    let bytes = contact.as_uuid().into_bytes();
    let mood = MOODS[usize::from(bytes[15]) % MOODS.len()];
    let colour = COLOURS[usize::from(bytes[14]) % COLOURS.len()];
    format!("{mood} {colour}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_contact_keeps_its_pseudonym() {
        let contact: ContactId = "00000000-0000-7000-8000-000000001309".parse().unwrap();
        assert_eq!(pseudonym(contact), "Eerie Lavender");
        assert_eq!(pseudonym(contact), pseudonym(contact));
    }
}
