using System.Collections.Immutable;

namespace FedKim.Data;

/// <summary>
/// How a task's samples are read from files: the <c>reader</c> of a task's source in a federation file. FedKim's own are nothing else, and a
/// package adds one by a public class with a constructor without parameters. One object reads for all tasks, several at once.
/// </summary>
public interface IReader
{
    /// <summary>Its name in a federation file: lower-case letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>What its samples are: a picture or a signal under that name, or parts of a table under the names that the source gives them.</summary>
    Modality Modality { get; }

    /// <summary>
    /// Which of <see cref="SourceKey.OfSome"/> it minds, besides what every reader of its modality does. A source that sets another one is
    /// refused: it would change nothing, and nobody would know. A reader that names none is taken not to say, since most of a package do
    /// not, and its source may set everything.
    /// </summary>
    ImmutableArray<string> Keys => [];

    /// <summary>Whether its samples bring questions and answers of their own.</summary>
    bool AsksEach => false;

    /// <summary>What <c>parts</c> may name; null where the data's own folder says it.</summary>
    ImmutableArray<string>? Parts => [];

    /// <summary>
    /// Whether it knows the parts that the set's publisher made, and says of each sample in which it is (<see cref="Sample.Part"/>), so that
    /// <c>split = published</c> keeps them when data are dealt.
    /// </summary>
    bool IsParted => false;

    /// <summary>The settings that it alone has, under <c>settings</c> in the source, each with what it is where nothing is written.</summary>
    ImmutableSortedDictionary<string, string> Settings => ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether some answers of its samples are neither yes nor no.</summary>
    bool AnswersInWords(TaskSource source) => false;

    /// <summary>Every folder below the site's data folder that it reads from: a change below them is a change of the data.</summary>
    IEnumerable<string> Folders(TaskSource source) => [source.Path];

    /// <summary>
    /// Whom a source of this reader has in common with another one, in words for the person who can leave them out; null for nobody, or where both
    /// know them by the same ids, so that a pool keeps them together.
    /// </summary>
    string? SharedWith(TaskSource source, TaskSource other) => null;

    /// <summary>What is wrong with a source, by key, to go on after it; shown when the federation file is read.</summary>
    IEnumerable<(string Key, string Problem)> Problems(TaskSource source) => [];

    /// <summary>
    /// Lists the samples, in any order. What is wrong with the whole set is thrown here; what is wrong with one sample when that is read, so that
    /// it can be left out. The same files give the same samples, always.
    /// </summary>
    /// <param name="place">Where the data lie.</param>
    /// <exception cref="DataException">A file is missing, corrupt or not what it should be. Its text names no cell of the data.</exception>
    IEnumerable<ListedSample> Read(DataPlace place);
}
