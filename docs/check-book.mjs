#!/usr/bin/env node
// Opens every page of the book in headless Chromium, and tells what is wrong with it.
//
//     docs/check-book.mjs [FOLDER] [--shots DIR]        (default: target/book/html)
//
// Every page loads without an error and without asking another machine; every link leads to a page and
// a heading; every diagram is a picture, and can be read in the light and the dark theme; at the width of
// a phone only tables, code and diagrams scroll sideways; the search finds words.
//
// It takes chromium, and playwright-core: npm install --prefix target/book-tools playwright-core

import { createServer } from "node:http";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const course = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const words = process.argv.slice(2);
const at = words.indexOf("--shots");
const shots = at < 0 ? null : resolve(words.splice(at, 2)[1]);
const folder = resolve(words[0] ?? join(course, "target/book/html"));
const { chromium } = createRequire(join(course, "target/book-tools/"))("playwright-core");

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const SEARCHED = ["datagram", "ECONNREFUSED", "half-close"];

const troubles = [];
const tell = (page, trouble) => troubles.push(`${page}: ${trouble}`);

function files(folder) {
    return readdirSync(folder, { withFileTypes: true }).flatMap((item) =>
        item.isDirectory() ? files(join(folder, item.name)) : [join(folder, item.name)],
    );
}

function serve() {
    const server = createServer((request, response) => {
        let path = join(folder, decodeURIComponent(new URL(request.url, "http://x").pathname));
        if (existsSync(path) && statSync(path).isDirectory()) path = join(path, "index.html");
        if (!path.startsWith(folder) || !existsSync(path)) {
            response.writeHead(404).end("not found");
            return;
        }
        response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
        response.end(readFileSync(path));
    });
    return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

// In the page: what stands in it.
function look() {
    const links = [...document.querySelectorAll("main a[href], nav a[href]")].map((link) => link.href);
    const ids = [...document.querySelectorAll("[id]")].map((item) => item.id);
    const diagrams = [...document.querySelectorAll(".mermaid")].map((diagram) => {
        const picture = diagram.querySelector("svg");
        const box = picture?.getBoundingClientRect();
        const text = diagram.textContent ?? "";
        return {
            isPicture: !!box && box.width > 50 && box.height > 50 && picture.querySelectorAll("text, foreignObject").length > 0,
            isError: text.includes("Syntax error"),
        };
    });
    return { links, ids, diagrams, raw: document.querySelectorAll("code.language-mermaid").length, title: document.title };
}

// In the page: the words of diagrams that are hard to read, by their contrast with what is behind them.
function faint() {
    const numbers = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const isSeen = (colour) => colour && colour !== "none" && (numbers(colour)[3] ?? 1) > 0.5;
    const light = (colour) => {
        const part = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
        const [red, green, blue] = numbers(colour).map(part);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const found = [];
    for (const picture of document.querySelectorAll(".mermaid svg")) {
        const shapes = [...picture.querySelectorAll("rect, path, polygon, circle")].filter((shape) => isSeen(getComputedStyle(shape).fill));
        for (const words of picture.querySelectorAll("text, foreignObject span, foreignObject p")) {
            const box = words.getBoundingClientRect();
            if (!words.textContent.trim() || box.width === 0) continue;
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
            const behind = shapes.filter((shape) => {
                const area = shape.getBoundingClientRect();
                return area.left <= x && x <= area.right && area.top <= y && y <= area.bottom && area.height > 8;
            });
            const page = getComputedStyle(document.documentElement).backgroundColor;
            const ground = behind.length ? getComputedStyle(behind.at(-1)).fill : isSeen(page) ? page : getComputedStyle(document.body).backgroundColor;
            const style = getComputedStyle(words.querySelector("tspan") ?? words);
            const ink = words.closest("foreignObject") ? style.color : style.fill;
            const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
            const contrast = (high + 0.05) / (low + 0.05);
            if (contrast < 3) found.push(`“${words.textContent.trim().slice(0, 30)}” ${ink} on ${ground}`);
        }
    }
    return found;
}

// In the page: what is wider than the page.
function wide() {
    const width = document.documentElement.clientWidth;
    const scrolls = (item) => item && item !== document.body && (["auto", "scroll", "hidden"].includes(getComputedStyle(item).overflowX) || scrolls(item.parentElement));
    const isWide = (item) => item.getBoundingClientRect().right > width + 1 && !scrolls(item);
    const items = [...document.querySelectorAll("main *")].filter(isWide).slice(0, 3);
    const total = document.documentElement.scrollWidth;
    return total <= width ? [] : [`${total} pixels wide: ${items.map((item) => `${item.tagName} ${item.textContent.trim().slice(0, 40)}`).join("; ")}`];
}

const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });

async function open(theme, size) {
    const context = await browser.newContext({ viewport: size, colorScheme: theme === "light" ? "light" : "dark" });
    await context.addInitScript((theme) => localStorage.setItem("mdbook-theme", theme), theme);
    await context.addInitScript(() => localStorage.setItem("mdbook-sidebar", innerWidth < 800 ? "hidden" : "visible"));
    const page = await context.newPage();
    page.name = "";
    page.on("console", (message) => message.type() === "error" && tell(page.name, `console: ${message.text()}`));
    page.on("pageerror", (error) => tell(page.name, `error: ${error.message}`));
    page.on("request", (request) => !request.url().startsWith(origin) && !/^(data|blob):/.test(request.url()) && tell(page.name, `asks another machine: ${request.url()}`));
    page.on("response", (response) => response.status() >= 400 && tell(page.name, `${response.status()} for ${response.url()}`));
    page.show = async (name) => {
        page.name = name;
        const response = await page.goto(`${origin}/${name}`, { waitUntil: "load" });
        if (!response?.ok()) tell(name, `does not load: ${response?.status()}`);
        // Diagrams are drawn one after the other.
        await page.waitForFunction(() => [...document.querySelectorAll(".mermaid")].every((item) => item.querySelector("svg")), null, { timeout: 15000 }).catch(() => {});
    };
    return page;
}

const pages = files(folder).filter((file) => file.endsWith(".html")).map((file) => relative(folder, file))
    .filter((name) => !["404.html", "toc.html", "print.html"].includes(name)).sort();
const seen = new Map();
const light = await open("light", DESK);
for (const name of pages) {
    await light.show(name);
    seen.set(name, await light.evaluate(look));
    for (const trouble of await light.evaluate(faint)) tell(name, `light: ${trouble}`);
}

let links = 0;
let diagrams = 0;
for (const [name, page] of seen) {
    if (page.raw > 0) tell(name, `${page.raw} diagrams are still text`);
    for (const diagram of page.diagrams) {
        diagrams += 1;
        if (!diagram.isPicture || diagram.isError) tell(name, "a diagram is no picture");
    }
    for (const link of page.links.filter((link) => link.startsWith(origin))) {
        links += 1;
        const url = new URL(link);
        const target = decodeURIComponent(url.pathname).slice(1) || "index.html";
        const id = decodeURIComponent(url.hash.slice(1));
        if (!existsSync(join(folder, target))) tell(name, `broken link: ${target}`);
        else if (id && seen.has(target) && !seen.get(target).ids.includes(id)) tell(name, `broken link: ${target} has no #${id}`);
    }
}

const withDiagrams = pages.filter((name) => seen.get(name).diagrams.length > 0);
const dark = await open("navy", DESK);
for (const name of withDiagrams) {
    await dark.show(name);
    for (const trouble of await dark.evaluate(faint)) tell(name, `dark: ${trouble}`);
}

const phone = await open("light", PHONE);
for (const name of pages) {
    await phone.show(name);
    for (const trouble of await phone.evaluate(wide)) tell(name, `at ${PHONE.width} pixels: ${trouble}`);
}

await light.show("index.html");
const bar = light.locator("#mdbook-searchbar");
await light.click("#mdbook-search-toggle");
await bar.waitFor({ timeout: 10000 }).catch(() => tell("search", "does not open"));
for (const word of SEARCHED.slice(0, (await bar.isVisible()) ? undefined : 0)) {
    await bar.fill("");
    await bar.pressSequentially(word);
    const results = light.locator("#mdbook-searchresults li").first();
    await results.waitFor({ timeout: 10000 }).catch(() => tell("search", `nothing found for ${word}`));
}

if (shots) {
    mkdirSync(shots, { recursive: true });
    const darkPhone = await open("navy", PHONE);
    for (const [kind, page] of [["wide-light", light], ["wide-dark", dark], ["narrow-light", phone], ["narrow-dark", darkPhone]]) {
        for (const name of ["index.html", ...withDiagrams]) {
            await page.show(name);
            const file = `${kind}-${name.replace(/\/(README|index)?\.?html$/, "").replaceAll("/", "_").replace(".html", "")}`;
            await page.screenshot({ path: join(shots, `${file}.png`) });
            const diagram = page.locator(".mermaid").first();
            if (await diagram.count()) {
                await diagram.scrollIntoViewIfNeeded();
                await page.screenshot({ path: join(shots, `${file}-diagram.png`) });
            }
        }
    }
}

await browser.close();
server.close();
for (const trouble of troubles) console.log(trouble);
console.log(`${pages.length} pages, ${links} links, ${diagrams} diagrams: ${troubles.length} troubles`);
process.exitCode = troubles.length === 0 && pages.length > 0 ? 0 : 1;
