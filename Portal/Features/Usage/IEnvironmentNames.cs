namespace Portal.Features.Usage;

/// <summary>Knows the environment a namespace belongs to.</summary>
public interface IEnvironmentNames
{
    string NameOf(string @namespace);
}
