//! Who the clients are: visitors with a session, managers with an API token.

use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Http;
use crate::Failure;
use crate::server::OWNER;
use crate::wire::Audience;

/// Who a client is.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// Which side.
    pub(crate) audience: Audience,
    /// The contact or the operator.
    pub(crate) actor: Uuid,
    /// What proves it.
    pub(crate) token: String,
}

/// A new visitor. Each has an address of their own, as told by a proxy on this machine.
pub(crate) async fn visitor(http: &Http, url: &str, number: usize) -> Result<Account, Failure> {
    let address = format!("10.0.{}.{}", number / 256, number % 256);
    let request = http.post(&format!("{url}/helpdesk/api/v1/widget/session")).header("x-forwarded-for", address);
    let session: Value = expect(request.json(&json!({"language": "en"})), 200).await?.json().await?;
    let (actor, token) = (id(&session["contact"]["id"])?, text(&session["token"])?);
    Ok(Account { audience: Audience::Contact, actor, token })
}

/// A new manager, available, who acts by an API token as a program does.
pub(crate) async fn manager(http: &Http, url: &str, number: usize) -> Result<Account, Failure> {
    let (email, password) = (format!("manager-{number}@shop.example"), "a password long enough");
    let user = json!({"name": format!("Manager {number}"), "email": email, "password": password, "role": "manager"});
    let user: Value = expect(http.post(&format!("{url}/users")).bearer_auth(OWNER).json(&user), 201).await?.json().await?;
    let form = format!("email={}&password={}", email.replace('@', "%40"), password.replace(' ', "+"));
    let login = http.post(&format!("{url}/login")).header(ORIGIN, url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
    let login = expect(login, 303).await?;
    let cookie = login.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()?.split(';').next()).ok_or("no cookie")?;
    let api = format!("{url}/helpdesk/api/v1");
    let request = http.post(&format!("{api}/tokens")).header(ORIGIN, url).header(COOKIE, cookie).json(&json!({"name": "soak"}));
    let token: Value = expect(request, 201).await?.json().await?;
    let token = text(&token["secret"])?;
    let online = json!({"availability": "online"});
    match http.ask(reqwest::Method::PATCH, &format!("{api}/me"), &token, Some(&online)).await {
        Ok((200, _)) => Ok(Account { audience: Audience::Team, actor: id(&user["operator"])?, token }),
        other => Err(format!("PATCH me: {other:?}").into()),
    }
}

/// From now on a contact who writes where it is over goes on there, instead of beginning anew.
pub(crate) async fn reopen(http: &Http, url: &str) -> Result<(), Failure> {
    let settings = format!("{url}/helpdesk/api/v1/settings");
    let version = http.get(&settings, OWNER).await?["version"].clone();
    let change = json!({"version": version, "contact_message_after_resolve": "reopen"});
    match http.ask(reqwest::Method::PATCH, &settings, OWNER, Some(&change)).await {
        Ok((200, _)) => Ok(()),
        other => Err(format!("PATCH settings: {other:?}").into()),
    }
}

async fn expect(request: reqwest::RequestBuilder, status: u16) -> Result<reqwest::Response, Failure> {
    let answer = request.send().await?;
    if answer.status().as_u16() == status {
        return Ok(answer);
    }
    Err(format!("{}: {} {}", answer.url().clone(), answer.status(), answer.text().await.unwrap_or_default()).into())
}

fn id(value: &Value) -> Result<Uuid, Failure> {
    Ok(value.as_str().ok_or_else(|| format!("no id in {value}"))?.parse()?)
}

fn text(value: &Value) -> Result<String, Failure> {
    Ok(value.as_str().ok_or_else(|| format!("no text in {value}"))?.to_owned())
}
