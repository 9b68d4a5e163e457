using Portal.Kubernetes.Objects;
using Portal.Operator.Datasets;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;

namespace Portal.Operator.Reconciliation;

/// <summary>Finds what objects refer to, as last seen. Null means there is none of that name.</summary>
internal interface IGenkitObjects
{
    Prompt? FindPrompt(string? @namespace, string name);

    Tool? FindTool(string? @namespace, string name);

    Model? FindModel(string? @namespace, string name);

    PluginConfig? FindPluginConfig(string? @namespace, string name);

    Flow? FindFlow(string? @namespace, string name);

    FlowSet? FindFlowSet(string? @namespace, string name);

    Dataset? FindDataset(string? @namespace, string name);

    KubeObject? FindSecret(string? @namespace, string name);

    KubeObject? FindConfigMap(string? @namespace, string name);
}
