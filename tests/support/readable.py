"""What a page must keep to be read by everybody, as scripts that a browser runs on it: each gives
a list of what does not."""

# WCAG 2.2, 1.4.3: relative luminance and contrast of every visible text with its background.
# Hatched grounds are images; their lighter stripe is taken. Text inside SVG has fill for colour.
CONTRAST = """
() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const luminance = ({ r, g, b }) => [r, g, b]
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const grounds = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const stripes = style.backgroundImage.match(/rgba?\\([^)]*\\)/g);
      if (stripes) return stripes.map(parse);
      const colour = parse(style.backgroundColor);
      if (colour.a === 1) return [colour];
    }
    return [{ r: 255, g: 255, b: 255 }];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest("script, title, .sr-only")) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.closest("svg") ? style.fill : style.color);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const needed = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    for (const ground of grounds(element)) {
      const [high, low] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
      const ratio = (high + 0.05) / (low + 0.05);
      if (ratio < needed) found.push(`${ratio.toFixed(2)} ${text.slice(0, 40)}`);
    }
  }
  return found;
}
"""
SMALL_TARGETS = """
() => [...document.querySelectorAll("a, button, input")]
  .filter((e) => e.checkVisibility() && !e.closest("p, .skip"))
  .map((e) => [e.textContent.trim(), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([text, box]) => `${text} ${box.width}×${box.height}`)
"""
