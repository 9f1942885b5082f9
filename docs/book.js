// A diagram that is wider than a phone keeps the size in which its words can be read, and scrolls in its box.
new MutationObserver(() => {
    for (const picture of document.querySelectorAll(".mermaid svg:not([data-sized])")) {
        picture.dataset.sized = "yes";
        const natural = picture.viewBox.baseVal?.width ?? 0;
        if (natural > 0) picture.style.minWidth = `${Math.min(natural, 900) * 0.8}px`;
    }
}).observe(document.body, { childList: true, subtree: true });
