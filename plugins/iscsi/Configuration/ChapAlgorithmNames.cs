using System.Collections.ObjectModel;
using TgtModular.Iscsi.Protocol.Auth;

namespace TgtModular.Iscsi.Configuration;

/// <summary>CHAP algorithms by the names of the configuration.</summary>
internal static class ChapAlgorithmNames
{
    private static readonly ReadOnlyDictionary<string, ChapAlgorithm> Names = new(new Dictionary<string, ChapAlgorithm>(StringComparer.OrdinalIgnoreCase)
    {
        ["md5"] = ChapAlgorithm.Md5,
        ["sha1"] = ChapAlgorithm.Sha1,
        ["sha256"] = ChapAlgorithm.Sha256,
        ["sha3-256"] = ChapAlgorithm.Sha3256,
    });

    /// <summary>Reads a list.</summary>
    /// <returns>False with what is wrong.</returns>
    public static bool TryParse(IReadOnlyList<string> names, out IReadOnlyList<ChapAlgorithm> algorithms, out string problem)
    {
        List<ChapAlgorithm> found = [];
        algorithms = found;
        problem = string.Empty;
        foreach (string name in names)
        {
            if (!Names.TryGetValue(name, out ChapAlgorithm algorithm))
            {
                problem = $"there is no CHAP algorithm '{name}' (known: {string.Join(", ", Names.Keys)})";
                return false;
            }

            found.Add(algorithm);
        }

        if (found.Count == 0) problem = "the list of CHAP algorithms is empty";
        return found.Count > 0;
    }
}
