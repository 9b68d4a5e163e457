namespace Portal.Data;

/// <summary>A step of the first tour that was taken, once. UTC.</summary>
public sealed class Milestone
{
    public required string Name { get; set; }
    public required DateTime At { get; set; }
}
