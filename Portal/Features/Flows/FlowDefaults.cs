namespace Portal.Features.Flows;

/// <summary>What a new flow gets unless its author says otherwise.</summary>
public static class FlowDefaults
{
    /// <summary>Image of this project's runner. The embedded cluster runs the runner beside the portal, whatever the image.</summary>
    public const string Image = "genkit-portal/runner";
}
