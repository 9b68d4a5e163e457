namespace Portal.Features.Health.Resources;

/// <summary>The symbol of a kind, the same on every page.</summary>
public static class KindIcon
{
    public static string Of(string kind) => kind switch
    {
        "Flow" => "account_tree",
        "FlowSet" => "stacks",
        "Prompt" => "edit_note",
        "Model" => "neurology",
        "PluginConfig" => "hub",
        "Tool" => "build",
        "Dataset" => "dataset",
        "Eval" => "fact_check",
        "Secret" => "key",
        "Endpoint" => "link",
        "Caller" => "person",
        _ => "deployed_code",
    };
}
