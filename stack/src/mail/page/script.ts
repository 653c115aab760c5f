/**
 * The page's script: the address's hash names the open message, the API gives the rest.
 * Text reaches the page as text nodes only; HTML mail stays in its sandboxed frame.
 */
export const script = `
const list = document.getElementById("list");
const pane = document.getElementById("message");
const search = document.getElementById("search");
const count = document.getElementById("count");
const clear = document.getElementById("clear");
const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
let tab = "html";
let shown = "";

function make(tag, properties = {}, ...children) {
  const { attributes = {}, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

async function api(path, options) {
  const response = await fetch("/api/v1/" + path, options);
  if (!response.ok) throw new Error((await response.json()).Error);
  return response;
}

const send = (method, body) => api("messages", { method, body: JSON.stringify(body) });
const people = (all) => all.map((one) => (one.Name ? one.Name + " <" + one.Address + ">" : one.Address)).join(", ");
const openId = () => location.hash.slice(1);

function row(message) {
  const at = new Date(message.Created);
  const today = at.toDateString() === new Date().toDateString();
  const current = message.ID === openId() ? { "aria-current": "true" } : {};
  return make("a", { href: "#" + message.ID, className: message.Read ? "row" : "row unread", attributes: current },
    make("span", { className: "to" }, people([...message.To, ...message.Bcc]) || "(nobody)"),
    make("time", { dateTime: message.Created, title: when.format(at) }, (today ? clock : day).format(at)),
    make("span", { className: "subject" }, message.Subject || "(no subject)"),
    make("span", { className: "snippet" }, message.Snippet));
}

async function refreshList() {
  const query = search.value.trim();
  const path = query ? "search?limit=500&query=" + encodeURIComponent(query) : "messages?limit=500";
  const page = await (await api(path)).json();
  const focused = list.contains(document.activeElement) ? document.activeElement.hash : "";
  const empty = query ? "No message matches." : "No mail yet. What the stack sends appears here by itself.";
  list.replaceChildren(...(page.messages.length ? page.messages.map(row) : [make("p", { className: "empty" }, empty)]));
  if (focused) [...list.querySelectorAll("a")].find((link) => link.hash === focused)?.focus();
  count.textContent = page.total + (page.total === 1 ? " message" : " messages") + (page.unread ? ", " + page.unread + " unread" : "");
  clear.disabled = page.total === 0;
  document.title = page.unread ? "(" + page.unread + ") Mailbox" : "Mailbox";
}

function body(message) {
  if (tab === "html" && message.HTML)
    return make("div", { className: "frame" }, make("iframe", { src: "/view/" + message.ID + ".html",
      title: "HTML of the message",
      attributes: { sandbox: "allow-popups allow-popups-to-escape-sandbox", referrerpolicy: "no-referrer" } }));
  return make("pre", { tabIndex: 0 }, message.Text || "(no text)");
}

function tabs(message) {
  const choices = [["html", "HTML"], ["text", "Text"]].map(([name, label]) => make("button", {
    type: "button", onclick: () => { tab = name; show(message); pane.querySelector("[aria-selected=true]")?.focus(); },
    attributes: { role: "tab", "aria-selected": String(tab === name) } }, label));
  return make("div", { className: "tabs", attributes: { role: "tablist", "aria-label": "Form" } }, ...choices);
}

function show(message) {
  const facts = [["From", people([message.From])], ["To", people(message.To)], ["Cc", people(message.Cc)],
    ["Bcc", people(message.Bcc)], ["Date", when.format(new Date(message.Date))]].filter(([, value]) => value);
  const files = [...message.Attachments, ...message.Inline].map((part) => make("a",
    { href: "/api/v1/message/" + message.ID + "/part/" + part.PartID }, part.FileName || "part " + part.PartID));
  pane.replaceChildren(
    make("div", { className: "head" }, make("h2", {}, message.Subject || "(no subject)"),
      make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]))),
    make("div", { className: "tools" },
      make("button", { type: "button", className: "plain back", onclick: close }, "Back"),
      ...(message.HTML ? [tabs(message)] : []), ...files, make("span", { className: "spacer" }),
      make("a", { href: "/api/v1/message/" + message.ID + "/raw", target: "_blank" }, "Source"),
      make("button", { type: "button", className: "plain", onclick: () => remove(message.ID) }, "Delete")),
    body(message));
}

async function refreshMessage() {
  const id = openId();
  document.body.classList.toggle("open", id !== "");
  for (const link of list.querySelectorAll("a")) {
    if (link.hash === location.hash && id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (id === shown && id) return;
  shown = id;
  if (!id) return pane.replaceChildren(make("p", { className: "empty" }, "Choose a message to read it."));
  try {
    const message = await (await api("message/" + encodeURIComponent(id))).json();
    if (openId() !== id) return;
    show(message);
    pane.focus({ preventScroll: true });
  } catch {
    pane.replaceChildren(make("p", { className: "empty" }, "This message is gone."));
  }
}

function close() {
  const id = openId();
  location.hash = "";
  [...list.querySelectorAll("a")].find((link) => link.hash === "#" + id)?.focus();
}

async function remove(id) {
  const rows = [...list.querySelectorAll("a")];
  const at = rows.findIndex((link) => link.hash === "#" + id);
  const next = rows[at + 1] ?? rows[at - 1];
  await send("DELETE", { IDs: [id] });
  location.hash = next && document.body.clientWidth > 720 ? next.hash : "";
}

function step(by) {
  const rows = [...list.querySelectorAll("a")];
  const at = rows.findIndex((link) => link === document.activeElement || (link.hash === location.hash && openId()));
  const to = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  if (!to) return;
  to.focus();
  if (document.body.clientWidth > 720) location.hash = to.hash;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target === search;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") typing ? search.blur() : close();
  else if (typing) return;
  else if (event.key === "/") { search.focus(); event.preventDefault(); }
  else if (event.key === "Delete" && openId()) remove(openId());
  else if (list.contains(event.target) && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    step(event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  } else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
});
addEventListener("hashchange", () => refreshMessage());
search.addEventListener("input", () => refreshList());
clear.addEventListener("click", async () => {
  if (!confirm("Delete all messages?")) return;
  await send("DELETE", {});
  location.hash = "";
});

const events = new EventSource("/api/events");
events.addEventListener("open", () => refreshList());
events.addEventListener("changed", () => refreshList());
events.addEventListener("error", () => { count.textContent = "The mailbox is not running."; });
await refreshList();
await refreshMessage();
`;
