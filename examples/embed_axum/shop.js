// Commands may be given before the widget's script has loaded.
window.Helpdesk ??= (...command) => (window.Helpdesk.q ??= []).push(command);

const answer = await fetch('/identity');
if (answer.status === 200) {
  const { name, token } = await answer.json();
  window.Helpdesk('identify', { token });
  const logout = Object.assign(document.createElement('a'), { href: '/logout', textContent: 'Log out' });
  logout.addEventListener('click', () => window.Helpdesk('reset'));
  document.getElementById('greeting').replaceChildren(`Hello, ${name}. `, logout);
}
