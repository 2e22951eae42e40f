// A curve over rounds.

import { el } from './dom.js';

const light = ['#1c5da6', '#b3261e', '#1a6b3c', '#8a5300', '#6b3fa0', '#0b6e7a', '#a01e6b', '#4d5a69', '#17202b'];
const dark = ['#8fc1ff', '#ff9a92', '#7ed6a1', '#f0be6a', '#c9a6f5', '#7fd8e3', '#f59bd0', '#c3ccd6', '#ffffff'];
const dashes = [[], [6, 3], [2, 3]];

/** A chart that is as wide as its place; { element, update({ rounds, series }), end() }. */
export function chart(label) {
  const element = el('div', { class: 'chart', role: 'img', 'aria-label': label });
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  let plot = null;
  let data = null;
  let shape = '';
  const size = () => ({ width: Math.max(240, element.clientWidth), height: element.clientWidth < 500 ? 240 : 320 });
  const resized = new ResizeObserver(() => plot?.setSize(size()));
  resized.observe(element);
  const again = () => {
    shape = '';
    if (data) update(data);
  };
  scheme.addEventListener('change', again);

  function update(news) {
    data = news;
    const values = [news.rounds, ...news.series.map(one => one.values)];
    const next = news.series.map(one => one.name).join('\n');
    if (plot && next === shape) {
      plot.setData(values);
      return;
    }
    plot?.destroy();
    shape = next;
    const colours = scheme.matches ? dark : light;
    const text = scheme.matches ? '#e6ebf1' : '#17202b';
    const axis = { stroke: text, grid: { stroke: scheme.matches ? '#3a4552' : '#c9d1da', width: 1 }, ticks: { stroke: text, width: 1 } };
    plot = new window.uPlot({
      ...size(),
      scales: { x: { time: false } },
      // The values stand in the table below.
      legend: { live: false },
      cursor: { show: false },
      axes: [{ ...axis, label: 'round', incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }, { ...axis, label: 'loss', size: 60 }],
      series: [{ label: 'round' }, ...news.series.map((one, i) => ({
        label: one.name, stroke: colours[i % colours.length], width: 2, dash: one.dashed ? [2, 3] : dashes[Math.floor(i / colours.length) % dashes.length],
        points: { show: news.rounds.length < 40 }, spanGaps: true,
      }))],
    }, values, element);
  }

  return {
    element,
    update,
    end() {
      resized.disconnect();
      scheme.removeEventListener('change', again);
      plot?.destroy();
    },
  };
}
