namespace Portal.Data;

/// <summary>Why a database refused, as far as it matters to whoever asked.</summary>
public enum DatabaseFault
{
    /// <summary>The statement itself is wrong, or breaks a rule of a table: asking again changes nothing.</summary>
    Other,

    /// <summary>Others held it for too long; it can be asked again at once.</summary>
    Busy,

    /// <summary>Its disk is full: it can be read, and not written.</summary>
    Full,

    /// <summary>It cannot be reached, is starting or stopping, or its files cannot be read.</summary>
    Unavailable,
}
