// Owns the chart of a load forecast: two lines, one group at a time. The table beside it says the same in numbers.
import './trials.css';
import * as echarts from 'echarts/core';
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([LineChart, GridComponent, LegendComponent, SVGRenderer]);

const COLOURS = ['#0b4f8f', '#a61b1b'];

function option(data, [old, now, day, waiting]) {
  const line = (name, values, type) => ({ name, type: 'line', data: values, symbol: 'none', lineStyle: { type, width: 2.5 } });
  return {
    animation: false, color: COLOURS, legend: { data: [old, now], top: 0 },
    grid: { left: 44, right: 16, top: 40, bottom: 44 },
    xAxis: { type: 'category', name: day, nameLocation: 'middle', nameGap: 26, data: data.old.map((_value, index) => index + 1) },
    yAxis: { type: 'value', name: waiting, minInterval: 1 },
    series: [line(old, data.old, 'solid'), line(now, data.new, 'dashed')],
  };
}

for (const stage of document.querySelectorAll('[data-chart]')) {
  const groups = JSON.parse(stage.dataset.chart);
  const words = JSON.parse(stage.dataset.words);
  const chart = echarts.init(stage, null, { renderer: 'svg' });
  const choice = document.querySelector('[data-chart-group]');
  const show = () => chart.setOption(option(groups[Number(choice.value)], words), true);
  choice.addEventListener('change', show);
  window.addEventListener('resize', () => chart.resize());
  show();
  stage.setAttribute('data-ready', '');
}
