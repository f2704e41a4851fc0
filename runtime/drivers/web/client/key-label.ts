/** What is printed on a key, from its DOM `KeyboardEvent.code` or a name of controls.ts. */

const labels: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Space: "Space",
  Escape: "Esc",
  Enter: "Enter",
  Backspace: "⌫",
  ShiftLeft: "Shift",
  ShiftRight: "Shift",
  ControlLeft: "Ctrl",
  ControlRight: "Ctrl",
  AltLeft: "Alt",
  AltRight: "Alt",
  Minus: "-",
  Equal: "=",
  Comma: ",",
  Period: ".",
  Slash: "/",
  Semicolon: ";",
  Quote: "'",
  BracketLeft: "[",
  BracketRight: "]",
  Backquote: "`",
  MouseLeft: "Left mouse",
  MouseRight: "Right mouse",
  MouseX: "Mouse ↔",
  MouseY: "Mouse ↕",
};

export function keyLabel(key: string): string {
  return labels[key] ?? key.replace(/^(Key|Digit)/, "").replace(/^Numpad/, "Num ");
}
