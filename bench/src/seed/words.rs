//! What seeded people are called and what they say, in six languages. All of it is made up.

use rand::RngExt as _;
use rand::rngs::StdRng;

/// A language with its people.
#[derive(Debug)]
pub(super) struct Tongue {
    pub(super) tag: &'static str,
    /// Where its people are, as browsers tell it, and the country's code.
    pub(super) zones: &'static [(&'static str, &'static str)],
    /// Hours ahead of UTC, about: by which day and night are told.
    pub(super) ahead: i64,
    /// Of a hundred conversations.
    pub(super) share: u32,
    given: &'static [&'static str],
    family: &'static [&'static str],
    /// Whether the family's name comes first.
    family_first: bool,
    between: &'static str,
    questions: &'static [&'static str],
    answers: &'static [&'static str],
}

/// The languages, the most frequent first.
pub(super) const TONGUES: &[Tongue] = &[
    Tongue {
        tag: "en",
        zones: &[("Europe/London", "GB"), ("America/New_York", "US"), ("Australia/Sydney", "AU"), ("Europe/Dublin", "IE")],
        ahead: 0,
        share: 44,
        given: &["Olivia", "Noah", "Amelia", "George", "Isla", "Arthur", "Ava", "Leo", "Grace", "Theo", "Ruby", "Owen", "Maya", "Ethan"],
        family: &["Hughes", "Walker", "Bennett", "Foster", "Reid", "Palmer", "Doyle", "Marsh", "Fletcher", "Hayes", "Quinn", "Barker"],
        family_first: false,
        between: " ",
        questions: &[
            "Hi, where is my order {n}? It was supposed to arrive on Tuesday.",
            "The {p} I received is broken. I would like a replacement or my money back.",
            "Can I change the delivery address?",
            "I was charged twice for order {n}, could you check that please?",
            "Does the {p} work with the older model as well?",
            "Thanks, that helped.",
            "I already tried that twice and it still does not work. After the update it shows an error and then goes back to the start page.",
            "How long does a refund take?",
            "Could you send me the invoice again? I cannot find the e-mail any more, and my accountant needs it by the end of the week.",
            "ok",
            "The tracking page says delivered but nobody here has seen the parcel.",
            "I can't log in. It tells me the password is wrong, and the reset mail never comes.",
        ],
        answers: &[
            "I'm sorry about that. I have looked at order {n}: it left our warehouse yesterday and should be with you tomorrow.",
            "Refunds reach your account within five working days after the return has arrived.",
            "Could you tell me your order number, please?",
            "You can change the address under Account, Orders, as long as the parcel has not been handed over.",
            "A replacement for your {p} is on its way. You need not send the broken one back.",
            "Of course! I have just sent the invoice again. Please look into the spam folder too if it is not there in ten minutes.",
            "You're welcome. Is there anything else?",
            "Let me check that with the warehouse. I will be back within the hour.",
        ],
    },
    Tongue {
        tag: "de",
        zones: &[("Europe/Berlin", "DE"), ("Europe/Vienna", "AT"), ("Europe/Zurich", "CH")],
        ahead: 1,
        share: 17,
        given: &["Lena", "Jonas", "Mia", "Felix", "Clara", "Emil", "Johanna", "Paul", "Greta", "Anton", "Frieda", "Moritz"],
        family: &["Berger", "Vogt", "Krause", "Lindner", "Sommer", "Brandt", "Keller", "Seidel", "Böhm", "Jäger", "Möller", "Weiß"],
        family_first: false,
        between: " ",
        questions: &[
            "Guten Tag, wo bleibt meine Bestellung {n}?",
            "Das Gerät ({p}) ist leider defekt angekommen. Was kann ich tun?",
            "Kann ich die Lieferadresse noch ändern?",
            "Mir wurde der Betrag zweimal abgebucht, bitte prüfen Sie das.",
            "Danke, das hat geholfen!",
            "Ich habe es nun schon dreimal versucht. Nach dem Absenden kommt immer dieselbe Fehlermeldung, und danach ist der Warenkorb leer.",
            "Wie lange dauert die Rückerstattung?",
            "Könnten Sie mir die Rechnung noch einmal schicken?",
            "Passt das auch zum Vorgängermodell?",
        ],
        answers: &[
            "Das tut mir leid. Die Bestellung {n} hat unser Lager gestern verlassen und kommt voraussichtlich morgen an.",
            "Nach Eingang der Rücksendung dauert die Erstattung bis zu fünf Werktage.",
            "Nennen Sie mir bitte Ihre Bestellnummer?",
            "Ein Ersatzgerät ist unterwegs. Das defekte brauchen Sie nicht zurückzuschicken.",
            "Gern geschehen. Kann ich sonst noch etwas für Sie tun?",
            "Ich kläre das mit dem Lager und melde mich innerhalb einer Stunde.",
        ],
    },
    Tongue {
        tag: "fr",
        zones: &[("Europe/Paris", "FR"), ("Europe/Brussels", "BE"), ("America/Montreal", "CA")],
        ahead: 1,
        share: 13,
        given: &["Camille", "Louis", "Chloé", "Hugo", "Manon", "Jules", "Inès", "Théo", "Léa", "Gabriel"],
        family: &["Moreau", "Girard", "Roussel", "Fontaine", "Lambert", "Mercier", "Blanchard", "Noël", "Perrin", "Dupuis"],
        family_first: false,
        between: " ",
        questions: &[
            "Bonjour, où en est ma commande {n} ?",
            "L'article reçu ({p}) est cassé, je souhaite être remboursée.",
            "Puis-je encore changer l'adresse de livraison ?",
            "J'ai été débité deux fois, pouvez-vous vérifier ?",
            "Merci beaucoup, c'est parfait.",
            "Cela ne fonctionne toujours pas : après la mise à jour, l'application se ferme toute seule et je perds tout ce que j'ai saisi.",
            "Combien de temps prend un remboursement ?",
        ],
        answers: &[
            "Je suis désolé pour ce désagrément. La commande {n} a quitté notre entrepôt hier et devrait arriver demain.",
            "Le remboursement est effectué sous cinq jours ouvrés après réception du retour.",
            "Pourriez-vous m'indiquer votre numéro de commande ?",
            "Un article de remplacement est en route, inutile de renvoyer l'ancien.",
            "Avec plaisir ! Puis-je faire autre chose pour vous ?",
        ],
    },
    Tongue {
        tag: "es",
        zones: &[("Europe/Madrid", "ES"), ("America/Mexico_City", "MX"), ("America/Bogota", "CO")],
        ahead: -2,
        share: 13,
        given: &["Lucía", "Mateo", "Valeria", "Diego", "Elena", "Nicolás", "Paula", "Andrés", "Carmen", "Iván"],
        family: &["Navarro", "Castillo", "Rojas", "Vega", "Campos", "Peña", "Ibáñez", "Soler", "Molina", "Fuentes"],
        family_first: false,
        between: " ",
        questions: &[
            "Hola, ¿dónde está mi pedido {n}?",
            "El producto ({p}) llegó roto. ¿Me lo pueden cambiar?",
            "¿Puedo cambiar la dirección de entrega?",
            "Me han cobrado dos veces, ¿lo pueden revisar?",
            "Gracias, ya funciona.",
            "Sigue sin funcionar: cada vez que intento pagar vuelve a la página de inicio y tengo que empezar de nuevo desde el principio.",
            "¿Cuánto tarda la devolución del dinero?",
        ],
        answers: &[
            "Lamento las molestias. El pedido {n} salió ayer de nuestro almacén y llegará mañana.",
            "El reembolso tarda hasta cinco días hábiles desde que recibimos la devolución.",
            "¿Me indica su número de pedido, por favor?",
            "El reemplazo ya está en camino; no hace falta que devuelva el anterior.",
            "¡De nada! ¿Puedo ayudarle en algo más?",
        ],
    },
    Tongue {
        tag: "ja",
        zones: &[("Asia/Tokyo", "JP")],
        ahead: 9,
        share: 8,
        given: &["陽菜", "蓮", "葵", "湊", "結衣", "樹", "美咲", "大翔", "凛", "颯太"],
        family: &["佐藤", "高橋", "山口", "中村", "小林", "松本", "清水", "森田", "石井", "藤原"],
        family_first: true,
        between: " ",
        questions: &[
            "注文{n}の商品がまだ届きません。いつ届きますか。",
            "届いた{p}が壊れていました。交換をお願いします。",
            "お届け先を変更できますか。",
            "二重に請求されているようです。確認してください。",
            "ありがとうございます。解決しました。",
            "何度試しても同じエラーが表示され、最初の画面に戻ってしまいます。再起動もしましたが、変わりませんでした。",
        ],
        answers: &[
            "ご不便をおかけして申し訳ございません。注文{n}は昨日発送しましたので、明日お届けの予定です。",
            "返品の到着後、五営業日以内に返金いたします。",
            "ご注文番号を教えていただけますか。",
            "代わりの商品を発送いたしました。壊れた商品の返送は不要です。",
            "ほかにお手伝いできることはございますか。",
        ],
    },
    Tongue {
        tag: "ar",
        zones: &[("Africa/Cairo", "EG"), ("Asia/Riyadh", "SA"), ("Asia/Dubai", "AE")],
        ahead: 3,
        share: 5,
        given: &["ليلى", "يوسف", "مريم", "عمر", "نور", "خالد", "سارة", "كريم", "هدى", "سامي"],
        family: &["حداد", "منصور", "الخطيب", "نصار", "عبد الله", "الشامي", "فارس", "قاسم"],
        family_first: false,
        between: " ",
        questions: &[
            "مرحبًا، أين طلبي رقم {n}؟ كان من المفترض أن يصل أمس.",
            "وصل المنتج ({p}) مكسورًا، أريد استبداله من فضلكم.",
            "هل يمكنني تغيير عنوان التوصيل؟",
            "تم خصم المبلغ مرتين، أرجو التحقق من ذلك.",
            "شكرًا جزيلًا، تم حل المشكلة.",
            "حاولت أكثر من مرة وما زالت رسالة الخطأ نفسها تظهر بعد كل محاولة للدفع.",
        ],
        answers: &[
            "نعتذر عن الإزعاج. غادر الطلب {n} مستودعنا أمس ومن المتوقع أن يصل غدًا.",
            "يستغرق استرداد المبلغ حتى خمسة أيام عمل بعد وصول المرتجع.",
            "هل يمكنك تزويدي برقم الطلب؟",
            "أرسلنا إليك منتجًا بديلًا، ولا حاجة إلى إعادة المنتج القديم.",
            "على الرحب والسعة. هل من شيء آخر؟",
        ],
    },
];

const PRODUCTS: &[&str] = &["kettle K2", "desk lamp", "Trail 40", "headphones", "e-bike battery", "coffee grinder", "router R7", "tent"];
const NOTES: &[&str] = &[
    "Called the carrier: parcel is at the depot, second attempt tomorrow.",
    "Third complaint about this batch this week, told the warehouse.",
    "Customer is polite but in a hurry. Please answer today.",
    "Refund approved up to 50.",
];
/// Labels that teams like to use.
pub(super) const LABELS: &[&str] = &["billing", "delivery", "return", "bug", "vip", "pre-sales", "account"];
/// Why an assistant gives up.
pub(super) const REASONS: &[&str] =
    &["The customer asks for a person.", "No article answers this.", "The customer is upset.", "A refund must be approved."];
const DOMAINS: &[&str] = &["example.com", "example.org", "example.net"];

/// One of them.
pub(super) fn pick<T: Copy>(dice: &mut StdRng, of: &[T]) -> T {
    of[dice.random_range(0..of.len())]
}

impl Tongue {
    /// The language of the next conversation.
    pub(super) fn pick(dice: &mut StdRng) -> &'static Self {
        let mut mark = dice.random_range(0..TONGUES.iter().map(|tongue| tongue.share).sum::<u32>());
        for tongue in TONGUES {
            match mark.checked_sub(tongue.share) {
                Some(rest) => mark = rest,
                None => return tongue,
            }
        }
        &TONGUES[0]
    }

    /// A name, and an address that goes with it as far as letters allow.
    pub(super) fn person(&self, dice: &mut StdRng) -> (String, String) {
        let (given, family) = (pick(dice, self.given), pick(dice, self.family));
        let (first, second) = if self.family_first { (family, given) } else { (given, family) };
        let plain: String = format!("{given}.{family}").to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
        let plain = if plain.len() > 4 { plain } else { "customer".to_owned() };
        let email = format!("{plain}{}@{}", dice.random_range(1..100_000), pick(dice, DOMAINS));
        (format!("{first}{}{second}", self.between), email)
    }

    /// What a contact says: mostly a sentence, sometimes several, now and then a long story.
    pub(super) fn question(&self, dice: &mut StdRng) -> String {
        self.speech(dice, self.questions)
    }

    /// What is answered.
    pub(super) fn answer(&self, dice: &mut StdRng) -> String {
        self.speech(dice, self.answers)
    }

    fn speech(&self, dice: &mut StdRng, sentences: &[&str]) -> String {
        let count = match dice.random_range(0..100) {
            0..68 => 1,
            68..92 => 2,
            92..99 => dice.random_range(3..6),
            _ => dice.random_range(8..25),
        };
        let mut text = String::new();
        for _ in 0..count {
            if !text.is_empty() {
                text.push(if count > 5 { '\n' } else { ' ' });
            }
            let sentence = pick(dice, sentences);
            if sentence.contains('{') {
                let number = dice.random_range(100_000..999_999).to_string();
                text.push_str(&sentence.replace("{n}", &number).replace("{p}", pick(dice, PRODUCTS)));
            } else {
                text.push_str(sentence);
            }
        }
        text
    }
}

/// What operators tell each other.
pub(super) fn note(dice: &mut StdRng) -> &'static str {
    pick(dice, NOTES)
}
