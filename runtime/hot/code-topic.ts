/** What a journal calls code that it names or carries. Alone, so that whoever reads one in a page loads nothing else. */

/** The topic of the note that names the code with which a journal begins, by its hash, and of attachments that hold code. */
export const codeTopic = "code";
