// Owns the sentences of form validation in Chinese; form-js brings the English ones.

const CHINESE = {
  'Field is required.': '此项必填。',
  'Value is not a number.': '请填写数字。',
  'Value is expected to be an integer.': '请填写整数。',
  'Value is expected to have at most 1 decimal digit.': '最多保留 1 位小数。',
  'Value is expected to have at most {value} decimal digits.': '最多保留 {value} 位小数。',
  'Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}.': '请填写允许的数值，最接近的是 {previousValue} 和 {nextValue}。',
  'Field must match pattern {value}.': '格式不对。',
  'Field must have minimum value of {value}.': '不能小于 {value}。',
  'Field must have maximum value of {value}.': '不能大于 {value}。',
  'Field must have minimum length of {value}.': '至少填写 {value} 个字。',
  'Field must have maximum length of {value}.': '最多填写 {value} 个字。',
  'Field must be a valid international phone number. (e.g. +4930664040900)': '请填写带国家代码的电话号码，例如 +8613800000000。',
  'Field must be a valid email.': '请填写有效的电子邮箱。',
  'Min validation value is not a valid number.': '表单设置的最小值不是数字，请告知管理员。',
  'Max validation value is not a valid number.': '表单设置的最大值不是数字，请告知管理员。',
  'Please choose one of the options.': '请从给出的选项中选择。',
  'Value is not a valid date.': '请填写有效的日期，例如 2026-11-23。',
  'Value is not a valid time.': '请填写有效的时间，例如 09:30。',
  'Value is not a valid date and time.': '请填写有效的日期和时间，例如 2026-11-23T09:30。',
  'Value cannot be accepted.': '填写的内容无法接受。',
};

let language = 'zh';
export function setLanguage(code) { language = code; }

export function translate(template, values = {}) {
  const sentence = (language === 'zh' && CHINESE[template]) || template;
  return sentence.replace(/{([^}]+)}/g, (whole, name) => (values[name] === undefined ? whole : String(values[name])));
}

export const TranslateModule = { translate: ['value', translate] };
