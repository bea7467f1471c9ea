() => {
  // The WCAG contrast of each text that is shown against what lies behind it: its ancestors' backgrounds, one over the
  // other. Disabled controls are exempt. Opacity counts; a picture as a background is not looked into.
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]));
  const luminance = (colour) => {
    const linear = (share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = colour.map((value) => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const line = (element) => (element ? [...line(element.parentElement), getComputedStyle(element)] : []);
  const judged = (element, text, style = getComputedStyle(element)) => {
    const styles = line(element);
    const behind = styles.reduce((below, { backgroundColor }) => over(channels(backgroundColor), below), [255, 255, 255]);
    const drawn = channels(element instanceof SVGElement ? style.fill : style.color);
    drawn[3] *= [...styles, style].slice(element.matches("input, textarea") ? 0 : 1).reduce((all, { opacity }) => all * opacity, 1);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    return { text: text.trim().slice(0, 60), ratio: contrast(over(drawn, behind), behind), needed };
  };
  const drawn = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return node.nodeType === Node.TEXT_NODE && node.data.trim() && [...range.getClientRects()].some((box) => box.width > 1);
  };
  return [...document.body.querySelectorAll("*")].flatMap((element) => {
    if (element.closest(":disabled, [aria-disabled=true], .unseen")) return [];
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return [];
    if (element.matches("input:not([type=radio], [type=checkbox], [type=file]), textarea")) {
      return element.value
        ? [judged(element, element.value)]
        : element.placeholder ? [judged(element, element.placeholder, getComputedStyle(element, "::placeholder"))] : [];
    }
    const text = [...element.childNodes].filter(drawn).map((node) => node.data).join(" ");
    return text ? [judged(element, text)] : [];
  });
}
