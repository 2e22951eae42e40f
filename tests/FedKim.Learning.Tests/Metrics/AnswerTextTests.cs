using FedKim.Learning.Metrics;

namespace FedKim.Learning.Tests.Metrics;

public sealed class AnswerTextTests
{
    [Theory]
    [InlineData("Answer: Yes", "yes")]
    [InlineData("  No. ", "no")]
    [InlineData("Right\n lower  lobe", "right lower lobe")]
    [InlineData("static noise, burst noise", "static noise, burst noise")]
    [InlineData("", "")]
    public void Answers_are_compared_by_their_words(string answer, string normal) => Assert.Equal(normal, AnswerText.Normal(answer));

    [Theory]
    [InlineData("Yes", true)]
    [InlineData("answer: no.", true)]
    [InlineData("yes, on the left", false)]
    [InlineData("", false)]
    public void Yes_and_no_alone_answer_a_question_of_yes_or_no(string answer, bool closed) => Assert.Equal(closed, AnswerText.IsYesOrNo(answer));
}
