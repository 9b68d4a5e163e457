namespace Portal;

/// <summary>The image a new flow gets unless its author says otherwise.</summary>
public static class RunnerImage
{
    /// <summary>This project's runner. The embedded cluster runs the runner beside the portal, whatever the image.</summary>
    public const string Name = "genkit-portal/runner";
}
