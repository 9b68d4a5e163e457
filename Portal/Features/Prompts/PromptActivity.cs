namespace Portal.Features.Prompts;

/// <summary>What authors do with prompts, for whoever keeps track of it.</summary>
public sealed class PromptActivity
{
    /// <summary>A document that had problems has none any more.</summary>
    public event Action? Mended;

    public event Action? Published;

    internal void Checked(int before, int after)
    {
        if (before > 0 && after == 0)
        {
            Mended?.Invoke();
        }
    }

    internal void WasPublished() => Published?.Invoke();
}
