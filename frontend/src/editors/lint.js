// Owns the rules that are checked while one draws, besides those of the server. Only rules that the engine agrees with.
import StaticResolver from 'bpmnlint/lib/resolver/static-resolver.js';
import conditionalFlows from 'bpmnlint/rules/conditional-flows.js';
import endEventRequired from 'bpmnlint/rules/end-event-required.js';
import eventBasedGateway from 'bpmnlint/rules/event-based-gateway.js';
import labelRequired from 'bpmnlint/rules/label-required.js';
import noDisconnected from 'bpmnlint/rules/no-disconnected.js';
import noDuplicateFlows from 'bpmnlint/rules/no-duplicate-sequence-flows.js';
import noGatewayJoinFork from 'bpmnlint/rules/no-gateway-join-fork.js';
import noImplicitEnd from 'bpmnlint/rules/no-implicit-end.js';
import noImplicitSplit from 'bpmnlint/rules/no-implicit-split.js';
import noImplicitStart from 'bpmnlint/rules/no-implicit-start.js';
import singleBlankStart from 'bpmnlint/rules/single-blank-start-event.js';
import singleEventDefinition from 'bpmnlint/rules/single-event-definition.js';
import startEventRequired from 'bpmnlint/rules/start-event-required.js';
import superfluousGateway from 'bpmnlint/rules/superfluous-gateway.js';
import { is } from 'bpmnlint-utils';
import chinese from './lint_zh.json';

const userTaskForNobody = () => ({
  check(node, reporter) {
    if (is(node, 'bpmn:UserTask') && !node.get('camunda:candidateGroups') && !node.get('camunda:candidateUsers') && !node.get('camunda:assignee')) {
      reporter.report(node.id, 'User task has no candidate group and no assignee', ['camunda:candidateGroups']);
    }
  },
});

const RULES = {
  'conditional-flows': [conditionalFlows, 'error'],
  'end-event-required': [endEventRequired, 'error'],
  'event-based-gateway': [eventBasedGateway, 'error'],
  'label-required': [labelRequired, 'warn'],
  'no-disconnected': [noDisconnected, 'error'],
  'no-duplicate-sequence-flows': [noDuplicateFlows, 'error'],
  'no-gateway-join-fork': [noGatewayJoinFork, 'error'],
  'no-implicit-end': [noImplicitEnd, 'error'],
  'no-implicit-split': [noImplicitSplit, 'error'],
  'no-implicit-start': [noImplicitStart, 'error'],
  'single-blank-start-event': [singleBlankStart, 'error'],
  'single-event-definition': [singleEventDefinition, 'error'],
  'start-event-required': [startEventRequired, 'error'],
  'superfluous-gateway': [superfluousGateway, 'warn'],
  'user-task-for-nobody': [userTaskForNobody, 'error'],
};

const patterns = Object.entries(chinese).map(([pattern, text]) => [new RegExp(`^${pattern}$`), text]);

function inChinese(message) {
  for (const [pattern, text] of patterns) {
    const match = message.match(pattern);
    if (match) return text.replace(/\$(\d)/g, (_, place) => match[place]);
  }
  return message;
}

// A rule reports through the reporter it is given: ours hands the message on in the page's language.
function translated(makeRule) {
  if (LANG !== 'zh') return makeRule;
  return (config) => {
    const rule = makeRule(config);
    const wrap = (check) => check && ((node, reporter) => check(node, { ...reporter, report: (id, message, ...rest) => reporter.report(id, inChinese(message), ...rest) }));
    return { ...rule, check: typeof rule.check === 'function' ? wrap(rule.check) : { enter: wrap(rule.check?.enter), leave: wrap(rule.check?.leave) } };
  };
}

const each = (write) => Object.fromEntries(Object.entries(RULES).map(write));

export default {
  resolver: new StaticResolver(each(([name, [rule]]) => [`rule:bpmnlint/${name}`, translated(rule)])),
  config: { rules: each(([name, [, level]]) => [name, level]) },
};
