use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::clock::Timestamp;
use crate::id::ArticleId;

fn article(title: &str, language: Option<&str>, body: &str) -> Article {
    Article {
        id: ArticleId::from_uuid(Uuid::nil()),
        title: title.to_owned(),
        body: body.to_owned(),
        url: None,
        language: language.map(str::to_owned),
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn shop() -> ArticleIndex {
    ArticleIndex::new(&[
        article(
            "Returns and refunds",
            Some("en"),
            "You can send anything back within 30 days.\n\n## How long refunds take\nThe money is on your card five days after we got the parcel.",
        ),
        article("Shipping", Some("en"), "We ship to all of Europe. Delivery takes two to four days.\n\nExpress costs 9 euros."),
        article(
            "Your account",
            Some("en"),
            "To reset your password, press Forgotten on the login page.\n\nYour data can be exported under Profile.",
        ),
        article(
            "Rücksendung und Erstattung",
            Some("de"),
            "Sie können alles binnen 30 Tagen zurückschicken. Die Erstattung dauert fünf Tage.",
        ),
        article("Envíos y devoluciones", Some("es"), "Las devoluciones son gratuitas durante 30 días. El reembolso llega en cinco días."),
        article("返品について", Some("ja"), "商品の到着から30日以内であれば返品できます。返金には5日かかります。"),
        article("退款", Some("zh"), "收到商品后30天内可以退货。退款需要五个工作日。"),
        article("الاسترجاع", Some("ar"), "يمكنكم إرجاع المنتجات خلال 30 يومًا. يصل المبلغ المسترد بعد خمسة أيام."),
        article("비밀번호 재설정", Some("ko"), "로그인 페이지에서 비밀번호를 재설정할 수 있습니다."),
    ])
}

#[rstest]
#[case("How long does a refund take?", "en", "Returns and refunds")]
#[case("can i return my parcel", "en", "Returns and refunds")]
#[case("I forgot my password!!!", "en", "Your account")]
#[case("Hello, I ordered on Monday. Do you deliver to Europe too?", "en", "Shipping")]
#[case("Wie lange dauert eine Erstattung?", "de", "Rücksendung und Erstattung")]
#[case("erstattungen", "de", "Rücksendung und Erstattung")]
#[case("¿Cuándo llega mi reembolso?", "es", "Envíos y devoluciones")]
#[case("返品はできますか", "ja", "返品について")]
#[case("如何退款？", "zh", "退款")]
#[case("كيف يمكنني استرجاع منتج؟", "ar", "الاسترجاع")]
#[case("비밀번호를 잊어버렸어요", "ko", "비밀번호 재설정")]
fn a_question_finds_its_article(#[case] question: &str, #[case] language: &str, #[case] title: &str) {
    let found = shop().search(question, Some(language), 3);
    assert_eq!(found.first().map(|passage| passage.citation.title.as_str()), Some(title), "{found:?}");
    assert!(found[0].score >= crate::retrieval::responder::RELEVANCE, "{}", found[0].score);
}

#[rstest]
#[case("hi")]
#[case("Thank you so much!")]
#[case("Hallo, guten Tag")]
#[case("What is the meaning of life, the universe and everything?")]
#[case("Who won the football match yesterday?")]
#[case("ありがとう")]
#[case("谢谢你")]
#[case("")]
#[case("👍👍👍")]
fn small_talk_and_strange_questions_find_nothing_relevant(#[case] question: &str) {
    for language in ["en", "de", "ja", "zh"] {
        let found = shop().search(question, Some(language), 3);
        assert!(found.iter().all(|passage| passage.score < crate::retrieval::responder::RELEVANCE), "{found:?}");
    }
}

#[test]
fn the_contacts_language_is_preferred_and_the_others_still_found() {
    let index =
        ArticleIndex::new(&[article("Premium", Some("en"), "Premium is nice."), article("Premium", Some("de"), "Premium ist nett.")]);
    assert_eq!(index.search("Premium?", Some("de-AT"), 2)[0].text, "Premium ist nett.");
    assert_eq!(index.search("Premium?", Some("en"), 2)[0].text, "Premium is nice.");
    assert_eq!(index.search("Premium?", Some("fr"), 9).len(), 2);
    assert_eq!(index.search("Premium?", None, 1).len(), 1);
}

#[test]
fn a_title_outweighs_a_mention() {
    let index = ArticleIndex::new(&[
        article("Invoices", None, "You find them under Profile."),
        article("Profile", None, "Name and address, invoices too."),
    ]);
    assert_eq!(index.search("Where are my invoices?", None, 2)[0].citation.title, "Invoices");
}

#[test]
fn an_empty_index_and_an_endless_question_are_survived() {
    assert!(ArticleIndex::new(&[]).search("anything", None, 3).is_empty());
    let index = shop();
    let endless = format!("{} password", "ü🙂x ".repeat(20_000));
    assert_eq!(index.search(&endless, None, 1).len(), 1);
    assert!(index.search("password", None, 0).is_empty());
    assert_eq!(format!("{index:?}"), "ArticleIndex(9 articles, 10 passages)");
}

#[test]
fn a_large_workspace_answers_at_once() {
    let articles: Vec<_> =
        (0..2_000).map(|n| article(&format!("Topic {n}"), None, &format!("Word{n} and common words about things. ").repeat(20))).collect();
    let index = ArticleIndex::new(&articles);
    assert_eq!(index.search("common word about word1234", None, 3)[0].citation.title, "Topic 1234");
}

proptest::proptest! {
    #[test]
    fn any_article_and_any_question_are_survived(title in "\\PC{0,30}", body in "(\\PC|\n|# |\\[|\\]\\(|\\)|\\. |```){0,400}", question in "(\\PC|\n){0,80}", language in proptest::option::of("\\PC{0,5}")) {
        let index = ArticleIndex::new(&[article(&title, language.as_deref(), &body)]);
        for passage in index.search(&format!("{question} {body}"), language.as_deref(), 3) {
            assert!(passage.score.is_finite() && passage.score > 0.0);
            assert!(crate::retrieval::excerpt::excerpt(&passage.text, &question, Stemming::English).chars().count() <= crate::retrieval::excerpt::EXCERPT_LIMIT);
        }
    }
}
