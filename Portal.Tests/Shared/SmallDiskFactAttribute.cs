namespace Portal.Tests.Shared;

/// <summary>A test that fills a disk, for runs that may mount one.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.IsPossible ? null : "There is no right to mount a small disk.";
}
