/** Colours and lines of the pictures, light and dark: those of Okabe and Ito, which the colour-blind can tell apart. None means anything by itself. */

const LIGHT = {
  paper: '#ffffff',
  ink: '#1b1f24',
  soft: '#57606a',
  grid: '#e6e9ed',
  syn: '#d55e00',
  accept: '#0072b2',
  good: '#007a59',
  again: '#a8487f',
};

const DARK: typeof LIGHT = {
  paper: '#12161c',
  ink: '#e8ebef',
  soft: '#a3adb8',
  grid: '#2a313a',
  syn: '#e69f00',
  accept: '#56b4e9',
  good: '#2fc79b',
  again: '#e39cc5',
};

const variables = (colours: typeof LIGHT): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

/** The style sheet of a picture; its names hold only within the class `tcp-backlog`. */
export const STYLE = `
.tcp-backlog{${variables(LIGHT)};max-width:100%;height:auto;font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
@media (prefers-color-scheme:dark){.tcp-backlog{${variables(DARK)}}}
.tcp-backlog text{fill:var(--ink)}
.tcp-backlog .paper{fill:var(--paper)}
.tcp-backlog .head{font-size:14px;font-weight:600}
.tcp-backlog .head .soft{font-weight:400;font-size:12px;fill:var(--soft)}
.tcp-backlog .levels,.tcp-backlog .name{text-anchor:end}
.tcp-backlog .levels text,.tcp-backlog .times text,.tcp-backlog .unit{fill:var(--soft)}
.tcp-backlog .times{text-anchor:middle}
.tcp-backlog path{fill:none}
.tcp-backlog .grid{stroke:var(--grid)}
.tcp-backlog .axis,.tcp-backlog .lane{stroke:var(--soft);stroke-width:.7}
.tcp-backlog .lane{stroke:var(--grid)}
.tcp-backlog .limit{stroke:var(--ink);stroke-width:1.3;stroke-dasharray:7 4}
.tcp-backlog .line{stroke-width:1.8;stroke-linejoin:round}
.tcp-backlog .syn.line{stroke:var(--syn)}
.tcp-backlog .syn.area{fill:var(--syn);fill-opacity:.13}
.tcp-backlog .hatch{fill:var(--syn);fill-opacity:.75}
.tcp-backlog .accept.line{stroke:var(--accept)}
.tcp-backlog .accept.area{fill:var(--accept);fill-opacity:.2}
.tcp-backlog .syn-dropped,.tcp-backlog .ack-dropped{fill:var(--syn)}
.tcp-backlog .cookie{fill:var(--good)}
.tcp-backlog .reset{fill:var(--ink)}
.tcp-backlog .retransmission{fill:var(--again)}
.tcp-backlog .expired{fill:var(--soft)}
.tcp-backlog .accepted{fill:var(--accept)}
`;
