namespace Portal.Features.Exchange;

/// <summary>How much is read at once. Bytes.</summary>
public static class ExchangeLimits
{
    /// <summary>All files of an import together, as they are sent.</summary>
    public const int Upload = 16 * 1024 * 1024;

    /// <summary>A file of an archive, unpacked.</summary>
    public const int File = 4 * 1024 * 1024;

    /// <summary>All files of an archive, unpacked.</summary>
    public const int Unpacked = 48 * 1024 * 1024;

    /// <summary>Unpacked to packed of one file, from <see cref="RatioFrom"/> bytes on: text packs to a tenth, a bomb to a thousandth.</summary>
    public const int Ratio = 200;

    public const int RatioFrom = 64 * 1024;

    /// <summary>Files of an import, and entries of an archive.</summary>
    public const int Files = 5000;

    /// <summary>Prompts of an import.</summary>
    public const int Prompts = 2000;
}
