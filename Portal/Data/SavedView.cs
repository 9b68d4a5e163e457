namespace Portal.Data;

/// <summary>A filter somebody keeps under a name.</summary>
public sealed class SavedView
{
    /// <summary>Id of the actor it belongs to.</summary>
    public required string Owner { get; set; }

    /// <summary>Which page it is for.</summary>
    public required string Page { get; set; }
    public required string Name { get; set; }

    /// <summary>The query of the page's address, without the question mark.</summary>
    public required string Query { get; set; }
}
