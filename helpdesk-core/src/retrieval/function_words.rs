//! Words that say nothing about what a question is about, in a few languages. Small on purpose: rare words weigh more anyhow,
//! but a workspace with five articles is too small to learn from that "how" is common.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a word (lower case, without diacritics) is grammar, a greeting or a courtesy.
pub(super) fn is_function_word(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| LISTS.iter().flat_map(|list| list.split(' ')).collect());
    WORDS.contains(word)
}

/// Whether a Chinese character is grammar: words are sought on either side of it.
pub(super) const fn is_function_character(character: char) -> bool {
    matches!(
        character,
        '的' | '了'
            | '吗'
            | '呢'
            | '吧'
            | '么'
            | '我'
            | '你'
            | '您'
            | '请'
            | '是'
            | '在'
            | '和'
            | '怎'
            | '什'
            | '如'
            | '何'
            | '嗎'
            | '麼'
            | '請'
    )
}

const LISTS: [&str; 6] = [
    "a about again all also am an and any anybody are as at be been being but by can cannot cant could did do does doesnt doing dont \
     else for from get got had has have having he hello help her here hey hi him his how i id if ill im in into is isnt it its ive just kindly \
     know let like may me might mine much must my need no not now of off ok okay on one or our out over please really she should so some \
     someone something sorry still such tell than thank thanks that thats the their them then there these they thing this those to too us \
     very want was we were what whats when where which while who whom whose why will wish with without would yes you your yours",
    "aber alle als am an auch auf aus bei bin bis bitte da danke dann das dass dein deine dem den der des dich die dies diese dieser dieses \
     dir doch du durch ein eine einem einen einer eines er es etwas euch euer fur gegen guten gibt habe haben hallo hat hatte hier ich ihm ihn ihnen \
     ihr ihre im in ist ja jetzt kann kannst kein keine konnen konnte man mein meine meinem meinen meiner mich mir mit moglich mochte muss \
     nach nein nicht noch nun nur ob oder ohne sehr sein seine sich sie sind so soll tag uber um und uns unser unsere vom von vor war warum was \
     weil welche welcher wenn wer werden wie wieder will wir wird wo wurde zu zum zur",
    "au aux avec avoir bonjour ce ces cela cette comment dans de des du elle en est et etre il ils je la le les leur lui ma mais me merci mes mon ne \
     nos notre nous on ou oui par pas peux peut plus pour pourquoi puis quand que quel quelle quels quelles qui sa salut sans ses si son sur suis ta tes \
     toi ton tu un une vos votre vous quoi",
    "al algo como con cual cuando cuanto de del desde donde el ella ellos en era es esa ese eso esta estan este esto estoy favor gracias hay hola la \
     las le les lo los mas me mi mis muy no nos nuestro o para pero por porque puede puedo que quien quiero se ser si sin sobre son soy su sus te \
     tengo tiene tu tus un una unas unos usted y ya yo",
    "anche che chi ciao come con cosa da dal dei del della di dove e ed gli grazie ha hanno ho il io la le lo mi mia mio nel nella non per perche piu \
     posso puo quale quando quanto questa questo si sono su tu un una uno vi voglio eu ele em essa esse isso meu minha nao obrigado obrigada ola onde \
     os as ou pela pelo pode por porque qual quero seu sua um uma voce",
    "في من علي الي عن مع هل ما ماذا كيف متي اين لماذا انا انت هو هي نحن هذا هذه ذلك تلك التي الذي لا نعم او ثم كان يمكن يمكنني اريد مرحبا شكرا \
     السلام عليكم لي لك لكم لنا ان قد كل بعد قبل عند",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieval::stemming::fold_letter;

    #[test]
    fn the_lists_are_written_as_words_are_looked_up() {
        for word in LISTS.iter().flat_map(|list| list.split(' ')) {
            let mut folded = String::new();
            word.chars().for_each(|letter| fold_letter(letter, &mut folded));
            assert_eq!(folded, word);
        }
        assert!(is_function_word("how") && is_function_word("danke") && !is_function_word("refund") && !is_function_word(""));
    }
}
